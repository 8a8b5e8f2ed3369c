import { z } from 'zod';
import { timeZoneOf } from './places.ts';

export const CURRENT_TIME = 'current_time';

export const currentTimeInputSchema = z.object({
  place: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .describe('A city ("Tokyo"), a country with one time zone ("Japan") or an IANA time zone ("Asia/Tokyo").'),
});

export interface CurrentTime {
  place: string;
  /** The IANA name of the time zone, for example `Asia/Tokyo`. */
  timeZone: string;
  /** For example `Monday, 2 March 2026`. */
  date: string;
  /** For example `14:05`. */
  time: string;
  /** For example `+09:00`. */
  utcOffset: string;
}

/** The time in a place. For an unknown place, throws an error that says what to try instead. */
export function currentTime({ place }: z.infer<typeof currentTimeInputSchema>, now: Date): CurrentTime {
  const timeZone = timeZoneOf(place);
  if (!timeZone) {
    throw new Error(
      `"${place}" is not a place I know. Try a large city nearby, or an IANA time zone such as "Europe/Paris".`,
    );
  }
  const read = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, ...options }).format(now);
  const offset = /GMT([+-]\d{2}:\d{2})/.exec(read({ timeZoneName: 'longOffset' }));
  return {
    place,
    timeZone,
    date: read({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    time: read({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
    utcOffset: offset?.[1] ?? '+00:00',
  };
}
