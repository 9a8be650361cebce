/** A dash for what is not defined. */
const missing = "–";

/** A measure from 0 to 1 with two decimals, with more where it would seem to be 1 and isn't, or a dash. */
export function measure(value: number | null | undefined): string {
  if (value === null || value === undefined) return missing;
  const text = [2, 3, 4].map((digits) => value.toFixed(digits)).find((text) => Number(text) < 1);
  return value < 1 ? text ?? "> 0.9999" : value.toFixed(2);
}

/** A share in percent without decimals; what rounds to 0 or 100 but isn't says so. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share < 1 && share > 0.995) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}

/** A number with three significant digits and separated thousands. */
export function quantity(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: 3 });
}

/** A time as 23 November 2026, 00:12 UTC. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return missing;
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}
