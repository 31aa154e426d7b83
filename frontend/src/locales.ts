/** How numbers and days are written, from the browser's own tables, in European digits unless told. */

/** Return the page's language for Intl, with the digits the reader chose. */
export function tag(language = document.documentElement.lang || "en"): string {
  const digits = document.documentElement.dataset.digits === "arab" ? "arab" : "latn";
  return `${language}-u-nu-${digits}`;
}

export function numberText(value: number, maximumFractionDigits = 0): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits }).format(value);
}

export function dayText(day: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
  return new Intl.DateTimeFormat(tag(), options).format(new Date(`${day.slice(0, 10)}T00:00:00Z`));
}

/** The number locale as d3-format asks for it. */
export function numberLocale(language: string): Record<string, unknown> {
  const parts = new Intl.NumberFormat(tag(language)).formatToParts(-1234567.5);
  const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? "";
  const digits = [...Array(10).keys()].map((digit) => new Intl.NumberFormat(tag(language)).format(digit));
  return {
    decimal: part("decimal") || ".",
    thousands: part("group") || ",",
    grouping: [3],
    currency: ["", ""],
    minus: "−",
    percent: "%",
    ...(digits[1] === "1" ? {} : { numerals: digits }),
  };
}

/** The time locale as d3-time-format asks for it. */
export function timeLocale(language: string): Record<string, unknown> {
  const name = (options: Intl.DateTimeFormatOptions, date: Date): string =>
    new Intl.DateTimeFormat(tag(language), { ...options, timeZone: "UTC" }).format(date);
  const months = [...Array(12).keys()].map((month) => new Date(Date.UTC(2023, month, 1)));
  const days = [...Array(7).keys()].map((day) => new Date(Date.UTC(2023, 0, 1 + day))); // a Sunday first
  return {
    dateTime: "%e %b %Y %H:%M",
    date: "%e %b %Y",
    time: "%H:%M",
    periods: ["AM", "PM"],
    days: days.map((day) => name({ weekday: "long" }, day)),
    shortDays: days.map((day) => name({ weekday: "short" }, day)),
    months: months.map((month) => name({ month: "long" }, month)),
    shortMonths: months.map((month) => name({ month: "short" }, month)),
  };
}
