"""The command that sets estimated flows beside reported ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from waystation.cli.screen import json_option, quiet_option, show_json

if TYPE_CHECKING:
    from waystation.statistics.flows.validation import Validation, WeightCalibration

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--flows", "flows_file", required=True, type=EXISTING,
              help="Estimated flows: origin, destination, persons.")  # fmt: skip
@click.option("--reported", required=True, type=EXISTING, help="Reported flows of the same "
              "period; an empty origin or destination means all areas.")  # fmt: skip
@click.option("--independent", type=EXISTING, help="Flows by da-indep-closed, where --flows is "
              "by da-min-closed: find the weight of their mixture.")  # fmt: skip
@click.option("--folds", type=click.IntRange(min=2), default=10, show_default=True,
              help="Parts of the cross-validation of the weight.")  # fmt: skip
@click.option("--free-scale", is_flag=True, help="Let reported flows be larger by one factor.")
@json_option
@quiet_option
def validate(
    flows_file: Path,
    reported: Path,
    independent: Path | None,
    folds: int,
    free_scale: bool,
    as_json: bool,
    quiet: bool,
) -> None:
    """Score estimated flows against reported ones.

    Countries report moves, estimates from stocks count people who moved and stayed: reported
    flows are larger by nature. With --independent, the weight of the fewest moves in a mixture
    is found by cross-validation over the areas that report.

    Example: waystation flows validate --flows flows.csv --reported eurostat.csv
    """
    from waystation.statistics.flows.files import read_flows
    from waystation.statistics.flows.validation import calibrated_weight, validated_flows

    flows, seen = read_flows(flows_file), read_flows(reported)
    made = validated_flows(flows, seen)
    weight = None
    if independent is not None:
        weight = calibrated_weight(
            flows, read_flows(independent), seen, folds=folds, free_scale=free_scale
        )
    if as_json:
        show_json(_document(made, weight))
    elif not quiet:
        _show(made, weight)


def _document(made: Validation, weight: WeightCalibration | None) -> dict[str, object]:
    document: dict[str, object] = {
        "scores": made.scores.to_dicts(),
        "not_compared": made.not_compared.to_dicts(),
    }
    if weight is not None:
        document["weight"] = {
            "weight": weight.weight,
            "standard_error": weight.standard_error,
            "loss": weight.loss,
            "published_weight": weight.published_weight,
            "published_loss": weight.published_loss,
            "scale": weight.scale,
            "folds": weight.folds.to_dicts(),
        }
    return document


def _show(made: Validation, weight: WeightCalibration | None) -> None:
    for row in made.scores.iter_rows(named=True):
        ratio = "-" if row["ratio"] is None else f"{row['ratio']:.2f}"
        correlation = row["log_correlation"]
        shown = "-" if correlation is None else f"{correlation:.3f}"
        click.echo(
            f"{row['kind']}: {row['flows']:,.0f} flows, estimated by reported {ratio}, "
            f"correlation of logarithms {shown}, mean log error {row['mean_log_error']:.2f}"
        )
    if made.not_compared.height:
        click.echo(f"{made.not_compared.height:,} reported flows have no estimate.", err=True)
    if weight is not None:
        click.echo(
            f"Weight {weight.weight:.2f} (standard error {weight.standard_error:.2f}): "
            f"log error {weight.loss:.3f} of flows held out, {weight.published_loss:.3f} with "
            f"{weight.published_weight}."
        )
