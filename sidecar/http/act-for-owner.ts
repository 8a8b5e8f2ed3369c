import type { Caller } from './auth.ts';
import type { Services } from './services.ts';

/** An administrator acts for the owner of a stream. Other callers act for themselves. */
export async function actForOwner(
  caller: Caller,
  { streamId, manager }: { streamId: string; manager: Services['manager'] },
): Promise<Caller> {
  const owner = caller.isAdmin ? await manager.ownerOf(streamId) : null;
  return owner === null ? caller : { ...caller, userId: owner };
}
