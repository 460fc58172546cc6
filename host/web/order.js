// The order of the rows: as the server has it, so that a page read from it fits what events bring.

const kClock = String.raw`(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6})\d*)?)?`;
const kZone = String.raw`(Z|[+-]\d\d(?::?\d\d)?(?::\d\d)?)`;
const kTime = new RegExp(
  String.raw`^(\d{4,})-(\d\d)-(\d\d)(?:[ T]${kClock} ?${kZone}?)?( BC)?$`,
);

/** Days from 1970-01-01 to a day of the Gregorian calendar; year 0 is 1 BC. */
function dayNumber(year, month, day) {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468;
}

function offsetSeconds(zone) {
  if (!zone || zone === "Z") return 0;
  const [hours, minutes, seconds] = zone.slice(1).match(/\d\d/g).map(Number);
  return (zone[0] === "-" ? -1 : 1) * (hours * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0));
}

/** Where a time stands: [rank, seconds, microseconds]. Other values come after, null last. */
function timeOf(text) {
  if (text === null || text === undefined) return [4, 0, 0];
  if (text === "-infinity") return [0, 0, 0];
  if (text === "infinity") return [2, 0, 0];
  const found = kTime.exec(text);
  if (!found) return [3, 0, 0];
  const [, year, month, day, hour, minute, second, fraction, zone, bc] = found;
  const days = dayNumber(bc ? 1 - Number(year) : Number(year), Number(month), Number(day));
  const clock = Number(hour ?? 0) * 3600 + Number(minute ?? 0) * 60 + Number(second ?? 0);
  const micros = Number((fraction ?? "").padEnd(6, "0"));
  return [1, days * 86_400 + clock - offsetSeconds(zone), micros];
}

/** The place of a row: by `created_at`, then by `id`. */
export function placeOf({ created_at: text, id }) {
  const [rank, seconds, micros] = timeOf(text);
  return { rank, seconds, micros, text: rank === 3 ? text : "", id };
}

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Negative when `a` stands before `b`. */
export const comparePlaces = (a, b) =>
  a.rank - b.rank ||
  a.seconds - b.seconds ||
  a.micros - b.micros ||
  compare(a.text, b.text) ||
  compare(a.id, b.id);
