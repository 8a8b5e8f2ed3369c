import type { WireFacts } from './failures/outcome.ts';
import { isRecord, listOf, own, parseJson, recordIn, stringIn, type JsonRecord } from './body/json.ts';

/** A complete tool call, for the SDK. */
export interface ToolCall {
  id: string;
  name: string;
  /** JSON, or whatever the model wrote instead. */
  args: string;
  /** The call's `thought_signature`, which must be sent back with the call. Only Gemini's OpenAI-compatible API sends one. */
  signature?: string;
}

/**
 * Collects the pieces of one response's tool calls. Use `calls()` only after the response has ended, so that a call that was cut
 * off never runs.
 *
 * Servers tell calls apart by `index`, by `id`, or by neither. Some give two calls the same index or id. Some repeat name and id
 * with every piece, or send a complete call again at the end.
 */
export interface ToolCallCollector {
  /**
   * Takes the pieces in one frame, in any form. Returns true if they brought something new. `isMessage`: the frame has a `message` in
   * place of a `delta`, so it may contain the arguments so far once more.
   */
  take(pieces: unknown, isMessage?: boolean): boolean;
  /** Number of calls so far that have a name. Their arguments may still be incomplete. `calls()` leaves out calls without a name. */
  readonly count: number;
  /** True if there are unreasonably many calls, or unreasonably long arguments. */
  readonly isOverLimit: boolean;
  /** See {@link WireFacts.cutCall}. */
  readonly cutCall: WireFacts['cutCall'];
  calls(): ToolCall[];
}

const MAX_CALLS = 32;
const MAX_ARGUMENT_CHARS = 256 * 1024;

interface Draft {
  index: number | undefined;
  id: string | undefined;
  name: string;
  args: string;
  signature: string | undefined;
}

/** @param toolNames names of the offered tools. {@link repairToolName} finds the one that the model meant. */
export function createToolCallCollector(toolNames: readonly string[]): ToolCallCollector {
  const drafts: Draft[] = [];
  let isOverLimit = false;

  /** Returns true if the piece brought something new. */
  function takeOne(piece: JsonRecord, messagePosition: number | undefined): boolean {
    const fn = recordIn(piece, 'function') ?? piece;
    const index = indexOf(own(piece, 'index')) ?? messagePosition;
    const id = idOf(own(piece, 'id') ?? own(piece, 'tool_call_id'));
    const name = stringIn(fn, 'name')?.trim() ?? '';
    let args = argumentsOf(own(fn, 'arguments') ?? own(fn, 'parameters') ?? own(fn, 'input'));
    if (name === '' && args === '' && id === undefined) return false;
    let draft = findDraft({ index, id, name, args });
    if (messagePosition !== undefined && draft && isSameCall(draft, { id, name, args })) {
      if (args === draft.args) return false;
      args = args.slice(draft.args.length);
    }
    const nameBefore = draft?.name;
    let isAdded = args !== '';
    const joined = draft === undefined ? '' : draft.name + name;
    if (draft && name !== '' && isPlaceholder(draft.args) && isPieceOfName(draft.name, joined)) draft.name = joined;
    else if (draft === undefined || isAnother(draft, { id, name, args })) {
      if (drafts.some((known) => isCopy(known, { index, id, name, args }))) return false;
      if (drafts.length === MAX_CALLS) return (isOverLimit = true);
      draft = { index, id, name: '', args: '', signature: undefined };
      drafts.push(draft);
      isAdded ||= name !== '';
    }
    draft.index ??= index;
    draft.id ??= id;
    if (draft.name === '') draft.name = name;
    if (isPlaceholder(draft.args) && args.trim() !== '') draft.args = '';
    draft.args += args;
    const extra = recordIn(piece, 'extra_content');
    const google = extra && recordIn(extra, 'google');
    draft.signature ??= google && stringIn(google, 'thought_signature');
    if (draft.args.length > MAX_ARGUMENT_CHARS) isOverLimit = true;
    return isAdded || (nameBefore !== undefined && draft.name !== nameBefore);
  }

  /** `joined`: `first` and the next piece. True if `first` is not the name of a tool, but a tool's name begins with `joined`. */
  const isPieceOfName = (first: string, joined: string): boolean =>
    first !== '' && !toolNames.includes(first) && toolNames.some((tool) => tool.startsWith(joined));

  /** The call that the piece probably continues. Some servers count the index up with each piece of one call. */
  function findDraft({ index, id, name, args }: Piece & { index: number | undefined }): Draft | undefined {
    if (index === undefined) return id === undefined ? drafts.at(-1) : drafts.findLast((draft) => draft.id === id);
    const byIndex = drafts.findLast((draft) => draft.index === index);
    if (byIndex !== undefined) return byIndex;
    const byId = id === undefined ? undefined : drafts.findLast((draft) => draft.id === id && mayContinue(draft));
    if (name === '') return byId ?? drafts.filter(mayContinue).at(-1);
    if (byId?.name === name && byId.args === '') return byId;
    const begun = byId ?? (id === undefined ? drafts.at(-1) : undefined);
    const isContinued = begun?.name === name && isOpen(begun.args) && !isStart(args);
    return isContinued ? begun : undefined;
  }

  const named = (): Draft[] => drafts.filter(({ name }) => name !== '');

  return {
    take(pieces, isMessage = false) {
      let isNew = false;
      for (const [position, piece] of listOf(pieces).entries())
        if (isRecord(piece) && takeOne(piece, isMessage ? position : undefined)) isNew = true;
      return isNew;
    },
    get count() {
      return named().length;
    },
    get isOverLimit() {
      return isOverLimit;
    },
    get cutCall() {
      if (named().some(({ args }) => isOpen(args))) return 'begun';
      return named().some(({ args }) => args.trim() === '') ? 'empty' : 'none';
    },
    calls() {
      const used = new Set<string>();
      return named().map(({ id, name, args, signature }, position) => {
        const unique = id !== undefined && !used.has(id) ? id : `call_${position}_${crypto.randomUUID().slice(0, 8)}`;
        used.add(unique);
        return { id: unique, name: repairToolName(name, toolNames), args: plainArguments(args), signature };
      });
    },
  };
}

type Piece = Pick<Draft, 'id' | 'name' | 'args'>;

/** True if the piece of a message is the draft once more, perhaps with longer arguments. */
const isSameCall = (draft: Draft, { id, name, args }: Piece): boolean =>
  (id === undefined || draft.id === undefined || id === draft.id) &&
  (name === '' || name === draft.name) &&
  args.startsWith(draft.args);

/**
 * True if the piece begins another call. A piece with a new id but without a name continues the draft as long as the draft's
 * arguments are incomplete, because some servers give every piece a new id.
 */
function isAnother(draft: Draft, { id, name, args }: Piece): boolean {
  if (id !== undefined && draft.id !== undefined && id !== draft.id)
    return name !== '' || (isWholeJson(draft.args) && !isPlaceholder(draft.args));
  if (name === '' || draft.name === '') return false;
  if (name !== draft.name) return true;
  if (args.trim() === '' || !isWholeJson(draft.args)) return false;
  // The draft's `{}` may be a placeholder, or the complete arguments of a call. If a piece without an id brings complete arguments,
  // `{}` counts as complete, and the piece begins another call.
  const mayContinue = id === undefined ? !isWholeJson(args) : id === draft.id;
  return !(isPlaceholder(draft.args) && mayContinue);
}

/** True if the piece is a complete copy of the draft. Some servers send each call again with the last frame. */
function isCopy(draft: Draft, { index, id, name, args }: Piece & { index: number | undefined }): boolean {
  const isSame = id !== undefined ? id === draft.id : index !== undefined && index === draft.index;
  return isSame && name === draft.name && args !== '' && args === draft.args;
}

const mayContinue = ({ args }: Draft): boolean => isPlaceholder(args) || !isWholeJson(args);

const isStart = (args: string): boolean => args.trimStart().startsWith('{');

/** True if a JSON record or text has begun and not ended. */
function isOpen(args: string): boolean {
  if (!/^\s*["{[]/.test(args)) return false;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < args.length; at += 1) {
    const sign = args[at]!;
    if (isInText && sign === '\\') at += 1;
    else if (sign === '"') isInText = !isInText;
    else if (!isInText && '{['.includes(sign)) depth += 1;
    else if (!isInText && '}]'.includes(sign)) depth -= 1;
  }
  return isInText || depth > 0;
}

const isWholeJson = (text: string): boolean => text.trimEnd().endsWith('}') && parseJson(text) !== undefined;

function indexOf(value: unknown): number | undefined {
  const index = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof index === 'number' && Number.isInteger(index) ? index : undefined;
}

function idOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value.slice(0, 200) : undefined;
}

/** Some servers begin a call with an empty object or `null`, and send the arguments after it. */
const isPlaceholder = (args: string): boolean => ['', '{}', 'null'].includes(args.replaceAll(/\s/g, ''));

/**
 * Removes what some models and servers add to the arguments: a code block around them, a second JSON encoding (a string that contains
 * JSON), or a second copy.
 */
function plainArguments(args: string): string {
  const text = args.trim();
  if (text === '') return '{}';
  const isFenced = text.startsWith('```') && text.endsWith('```') && text.includes('\n');
  const bare = isFenced ? text.slice(text.indexOf('\n'), -3).trim() : text;
  const inner = bare.startsWith('"') ? parseJson(bare) : undefined;
  if (typeof inner === 'string' && isRecord(parseJson(inner))) return inner;
  if (isFenced && isRecord(parseJson(bare))) return bare;
  // The same arguments twice, one after the other.
  const half = text.slice(0, text.length / 2);
  return half + half === text && isRecord(parseJson(half)) ? half : args;
}

/** Arguments should be a string that contains JSON. Some servers send the JSON value itself. */
function argumentsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : '';
}

/**
 * The tool that the model meant: `current_time<|channel|>commentary`, `functions.current_time:0` and
 * `default_api:current_time` all mean `current_time`. If no tool fits the name, the SDK tells the model
 * that there is no such tool.
 */
export function repairToolName(name: string, toolNames: readonly string[]): string {
  if (toolNames.includes(name)) return name;
  const bare = name.slice(0, 200).split('<')[0]!.replaceAll(/["'`]/g, '').trim();
  const candidates = [bare, ...bare.split(/[.:/|]/)].map((part) => part.trim());
  const known = candidates.find((candidate) => toolNames.includes(candidate));
  if (known !== undefined) return known;
  // The name is sent back to the provider with the conversation, so it gets only characters that providers accept.
  return bare.replaceAll(/[^\w-]/g, '_').slice(0, 64) || 'unknown_tool';
}
