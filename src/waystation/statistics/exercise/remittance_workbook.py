"""Money that migrants of the made-up world send home, as the World Bank's bilateral matrix."""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from waystation.statistics.exercise.published import Published

YEAR = 2021
FILE = f"bilateral_remittance_matrix_{YEAR}.xlsx"
_CREATED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).replace(tzinfo=None)
_A_HEAD = 0.045  # of the income where a migrant lives


def write_remittances(
    published: Published, shown_stocks: np.ndarray, rng: np.random.Generator
) -> None:
    """Write what areas sent each other, and the truth beside it.

    The matrix is a model, as the real one is: what each area receives in all is known and dealt
    out by published stocks and incomes, so that defects of stocks pass on to it.

    Args:
        published: The files being made.
        shown_stocks: Migrants as published: years, origins, destinations.
        rng: Where chance comes from.
    """
    world = published.world
    income = world.income
    lives = published.history.at(YEAR).sum(axis=2).astype(float)  # birthplace, residence
    np.fill_diagonal(lives, 0)
    sends = _A_HEAD * income[None, :] * 1000 * rng.lognormal(0, 0.3, lives.shape)
    true = lives * sends / 1e6  # receiving, sending; USD million
    weight = shown_stocks[-2] * (income[None, :] + income[:, None]) / 2
    total = weight.sum(axis=1, keepdims=True)
    dealt = weight / np.where(total > 0, total, 1) * true.sum(axis=1, keepdims=True)
    _write(published, dealt.T, shown_stocks[-2].T > 0)
    _write_truth(published, true)
    published.note(FILE, "modelled", "all", "What each area receives in all is true; it is "
                   "dealt out by published stocks and incomes", period=YEAR,
                   truth=float(true.sum().round(3)),
                   published=f"{dealt.sum():.3f}")  # fmt: skip


def _write_truth(published: Published, true: np.ndarray) -> None:
    to, by = np.nonzero(true)
    codes = pl.Series(published.codes)
    table = pl.DataFrame(
        {
            "receiving": codes.gather(to.astype(np.uint32)),
            "sending": codes.gather(by.astype(np.uint32)),
            "year": [YEAR] * len(to),
            "usd_million": true[to, by].round(6),
        }
    )
    table.write_parquet(published.folder / "truth" / "remittances.parquet")


def _write(published: Published, sent: np.ndarray, has_people: np.ndarray) -> None:
    import xlsxwriter

    names = [area.world_bank_name for area in published.world.areas]
    order = np.argsort(np.array(names), kind="stable")
    title = f"Bilateral remittance estimates for {YEAR} using migrant stocks (millions of US$)"
    with xlsxwriter.Workbook(str(published.folder / FILE)) as book:
        book.set_properties({"created": _CREATED, "comments": "Made up: no such world exists."})
        sheet = book.add_worksheet("Bilateral Remittances")
        sheet.write_row(0, 0, [title])
        head = ["receiving (across) / sending (down)", *(names[i] for i in order), "WORLD"]
        sheet.write_row(1, 0, head)
        for row, i in enumerate(order.tolist(), 2):
            sheet.write_string(row, 0, names[i])
            for column, j in enumerate(order.tolist(), 1):
                if has_people[i, j]:
                    sheet.write_number(row, column, round(float(sent[i, j]), 6))
            sheet.write_number(row, len(order) + 1, round(float(sent[i].sum()), 6))
        last = len(order) + 2
        sheet.write_string(last, 0, "WORLD")
        sheet.write_row(last, 1, sent[:, order].sum(axis=0).round(6).tolist())
        sheet.write_number(last, len(order) + 1, round(float(sent.sum()), 6))
