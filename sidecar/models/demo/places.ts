/**
 * The time zone of a place. The place is an IANA name (`Asia/Tokyo`, in upper or lower case), a city that a zone
 * is named after (`New York`), or one of the {@link WELL_KNOWN} places. `null` for any other place.
 */
export function timeZoneOf(place: string): string | null {
  if (place.includes('/')) return ianaZone(place);
  const name = normalise(place);
  return find(name) ?? find(name.split(',')[0]!.trim()) ?? null; // finds "Lyon" in "Lyon, France"
}

const find = (name: string): string | undefined => WELL_KNOWN.get(name) ?? CITIES.get(name);

/**
 * The name in the runtime's spelling. The name is not looked up in `Intl.supportedValuesOf`, because that list does not have all
 * names that the runtime accepts.
 */
function ianaZone(name: string): string | null {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name.trim().replace(/\s+/g, '_') }).resolvedOptions().timeZone;
  } catch {
    return null; // Intl throws a RangeError if there is no such zone
  }
}

/** Well-known places and their time zones. The keys are written as {@link normalise} returns them. */
const WELL_KNOWN = new Map([
  ['utc', 'UTC'],
  ['gmt', 'UTC'],
  ['san francisco', 'America/Los_Angeles'],
  ['silicon valley', 'America/Los_Angeles'],
  ['las vegas', 'America/Los_Angeles'],
  ['san diego', 'America/Los_Angeles'],
  ['seattle', 'America/Los_Angeles'],
  ['portland', 'America/Los_Angeles'],
  ['california', 'America/Los_Angeles'],
  ['salt lake city', 'America/Denver'],
  ['austin', 'America/Chicago'],
  ['dallas', 'America/Chicago'],
  ['houston', 'America/Chicago'],
  ['new orleans', 'America/Chicago'],
  ['texas', 'America/Chicago'],
  ['atlanta', 'America/New_York'],
  ['boston', 'America/New_York'],
  ['miami', 'America/New_York'],
  ['philadelphia', 'America/New_York'],
  ['washington', 'America/New_York'],
  ['washington dc', 'America/New_York'],
  ['nyc', 'America/New_York'],
  ['montreal', 'America/Toronto'],
  ['ottawa', 'America/Toronto'],
  ['buenos aires', 'America/Argentina/Buenos_Aires'],
  ['rio de janeiro', 'America/Sao_Paulo'],
  ['cape town', 'Africa/Johannesburg'],
  ['south africa', 'Africa/Johannesburg'],
  ['kenya', 'Africa/Nairobi'],
  ['egypt', 'Africa/Cairo'],
  ['united kingdom', 'Europe/London'],
  ['uk', 'Europe/London'],
  ['england', 'Europe/London'],
  ['scotland', 'Europe/London'],
  ['edinburgh', 'Europe/London'],
  ['manchester', 'Europe/London'],
  ['ireland', 'Europe/Dublin'],
  ['france', 'Europe/Paris'],
  ['lyon', 'Europe/Paris'],
  ['germany', 'Europe/Berlin'],
  ['deutschland', 'Europe/Berlin'],
  ['munich', 'Europe/Berlin'],
  ['munchen', 'Europe/Berlin'],
  ['hamburg', 'Europe/Berlin'],
  ['frankfurt', 'Europe/Berlin'],
  ['cologne', 'Europe/Berlin'],
  ['koln', 'Europe/Berlin'],
  ['austria', 'Europe/Vienna'],
  ['wien', 'Europe/Vienna'],
  ['switzerland', 'Europe/Zurich'],
  ['geneva', 'Europe/Zurich'],
  ['italy', 'Europe/Rome'],
  ['milan', 'Europe/Rome'],
  ['spain', 'Europe/Madrid'],
  ['barcelona', 'Europe/Madrid'],
  ['netherlands', 'Europe/Amsterdam'],
  ['belgium', 'Europe/Brussels'],
  ['poland', 'Europe/Warsaw'],
  ['krakow', 'Europe/Warsaw'],
  ['sweden', 'Europe/Stockholm'],
  ['norway', 'Europe/Oslo'],
  ['finland', 'Europe/Helsinki'],
  ['denmark', 'Europe/Copenhagen'],
  ['greece', 'Europe/Athens'],
  ['turkey', 'Europe/Istanbul'],
  ['ankara', 'Europe/Istanbul'],
  ['kyiv', 'Europe/Kiev'],
  ['ukraine', 'Europe/Kiev'],
  ['israel', 'Asia/Jerusalem'],
  ['tel aviv', 'Asia/Jerusalem'],
  ['abu dhabi', 'Asia/Dubai'],
  ['india', 'Asia/Kolkata'],
  ['mumbai', 'Asia/Kolkata'],
  ['delhi', 'Asia/Kolkata'],
  ['new delhi', 'Asia/Kolkata'],
  ['bangalore', 'Asia/Kolkata'],
  ['kolkata', 'Asia/Kolkata'],
  ['chennai', 'Asia/Kolkata'],
  ['thailand', 'Asia/Bangkok'],
  ['vietnam', 'Asia/Ho_Chi_Minh'],
  ['hanoi', 'Asia/Ho_Chi_Minh'],
  ['ho chi minh city', 'Asia/Ho_Chi_Minh'],
  ['china', 'Asia/Shanghai'],
  ['beijing', 'Asia/Shanghai'],
  ['shenzhen', 'Asia/Shanghai'],
  ['japan', 'Asia/Tokyo'],
  ['osaka', 'Asia/Tokyo'],
  ['kyoto', 'Asia/Tokyo'],
  ['korea', 'Asia/Seoul'],
  ['south korea', 'Asia/Seoul'],
  ['philippines', 'Asia/Manila'],
  ['canberra', 'Australia/Sydney'],
  ['new zealand', 'Pacific/Auckland'],
  ['wellington', 'Pacific/Auckland'],
  ['hawaii', 'Pacific/Honolulu'],
  ['東京', 'Asia/Tokyo'],
  ['大阪', 'Asia/Tokyo'],
  ['北京', 'Asia/Shanghai'],
  ['上海', 'Asia/Shanghai'],
  ['서울', 'Asia/Seoul'],
]);

const CITIES = new Map(
  Intl.supportedValuesOf('timeZone').map((zone) => [normalise(zone.slice(zone.lastIndexOf('/') + 1)), zone]),
);

function normalise(place: string): string {
  return place
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[_\s]+/g, ' ')
    .replace(/\./g, '')
    .trim()
    .toLowerCase()
    .normalize('NFC');
}
