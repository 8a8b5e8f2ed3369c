/** Limits of rooms. For each number, 0 means no limit. */
export interface RoomSettings {
  /** Maximum number of members of a room, without its owner. */
  members: number;
  /** Maximum number of usable invites that a room may have at a time. */
  invites: number;
  /** Maximum number of rooms of other people in which one person can be a member. */
  roomsPerUser: number;
  /** Maximum number of tries to join in a minute: of one person, and of all guests at one network address together. */
  joinsPerMinute: number;
  /** False: guests can only read in rooms of other people. */
  guestsMayEdit: boolean;
}
