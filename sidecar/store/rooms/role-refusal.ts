import { RejoinError } from '../../../shared/errors.ts';
import { mayAs, type MemberRole, type Role } from '../../../shared/chat/rooms.ts';

/** Why `role.lua` refuses a person: the person has no role in the chat, or a role that does not suffice. */
export type RoleRefusal = 'no-role' | 'small-role';

/** Somebody without a role gets `not_found`, so that they do not learn that the chat exists. */
export const roleRefusal = (refusal: RoleRefusal): RejoinError =>
  refusal === 'no-role' ? new RejoinError('not_found') : roleRequired('editor');

/** Like {@link roleRefusal}, for a change of a turn that waits. Editors may not change the turns of others. */
export const turnRefusal = (refusal: RoleRefusal): RejoinError =>
  refusal === 'no-role'
    ? new RejoinError('not_found')
    : new RejoinError('role_required', {
        detail: 'Only the owner of this chat, and the editor who asked, may change a question that waits.',
      });

export const roleRequired = (needs: Exclude<Role, 'viewer'>): RejoinError =>
  new RejoinError('role_required', {
    detail:
      needs === 'owner'
        ? 'Only the owner of this chat may do this.'
        : 'You can only read this chat. Ask its owner to make you an editor.',
  });

/** The same as `refusal_of` in `role.lua`. */
export function refusalOf(role: MemberRole | undefined, needs: MemberRole): RoleRefusal | null {
  if (role === undefined) return 'no-role';
  return mayAs(role, needs) ? null : 'small-role';
}
