const FORM = /^P(?:(\d{1,6})W|(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?)$/;
const WEEK = 604_800;
const DAY = 86_400;

/**
 * Seconds of an ISO 8601 duration in weeks, or in days, hours, minutes and seconds: `P7D`, `PT12H`, `P2W`. Years and
 * months, which are of no fixed length, are refused, and so is a duration of nothing.
 * @returns undefined where the text is no such duration
 */
export function parseDuration(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(1).map((digits) => Number(digits ?? 0));
  const total = weeks! * WEEK + days! * DAY + hours! * 3600 + minutes! * 60 + seconds!;
  return total === 0 ? undefined : total;
}
