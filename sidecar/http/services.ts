import type { AnalyticsAnswer, AnalyticsQuery } from '../../shared/analytics.ts';
import type { ModelList } from '../../shared/chat/chat.ts';
import type { StreamState } from '../../shared/stream/stream.ts';
import type { Access } from '../access/access.ts';
import type { Chats } from '../chats/chats.ts';
import type { ForkChat } from '../chats/forks/fork-chat.ts';
import type { Say } from '../chats/say.ts';
import type { SearchChats } from '../chats/search/search-chats.ts';
import type { Feeds } from '../feed/feeds.ts';
import type { ReaderLimit } from '../limits/reader-limit.ts';
import type { StoreProblem, StreamStore } from '../store/streams/stream-store.ts';
import type { StreamCleanup } from '../streams/recover/stream-cleanup.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import type { Templates } from '../templates/templates.ts';
import type { TemplateStarts } from '../templates/start-template.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { CopyShare } from '../shares/copy-share.ts';
import type { ShareReading } from '../shares/read-shares.ts';
import type { ShareReaders } from '../shares/share-readers.ts';
import type { Shares } from '../shares/shares.ts';
import type { Caller } from './auth.ts';
import type { Invites } from '../rooms/invites.ts';
import type { Joins } from '../rooms/joins.ts';
import type { Members } from '../rooms/members.ts';
import type { ListRooms } from '../rooms/room-list.ts';
import type { OpenResponses } from './open-responses.ts';

export interface Services {
  /** Throws `unauthorized` if the header has no valid token. */
  authenticate(authorization: string | undefined): Promise<Caller>;
  access: Access;
  manager: StreamManager;
  store: StreamStore;
  chats: Chats;
  say: Say;
  searchChats: SearchChats;
  forkChat: ForkChat;
  feeds: Feeds;
  members: Members;
  invites: Invites;
  joins: Joins;
  listRooms: ListRooms;
  /** Called when a member opens a room. Adds the room to the member's list of rooms, in case the list has lost it. */
  rememberRoom(userId: string, roomId: string): void;
  templates: Templates;
  templateStarts: TemplateStarts;
  shares: Shares;
  shareReading: ShareReading;
  shareReaders: ShareReaders;
  copyShare: CopyShare;
  cleanup: StreamCleanup;
  /** The active streams of all users, for administrators. */
  allActive(): Promise<StreamState[]>;
  /** The state of a stream of any user, for administrators; `null` if the stream is not active. */
  oneActive(streamId: string): Promise<StreamState | null>;
  models(): ModelList;
  /** Counts per hour or day, for administrators. */
  report(query: AnalyticsQuery): Promise<AnalyticsAnswer>;
  metrics(): Promise<string>;
  /** Why answers cannot be stored now; `null` if they can. Resolves within about a second. */
  readiness(): Promise<StoreProblem | null>;
  responses: OpenResponses;
  readerLimit: ReaderLimit;
  telemetry: Telemetry;
  /** How long the response of a reader stays open while Redis is away. */
  patienceMs: number;
}
