import { useNavigate } from '@remix-run/react';
import { useRef, useState } from 'react';
import type { Chat } from '../../shared/chat/chat.ts';
import type { Present } from '../../shared/chat/rooms.ts';
import { Composer, type ComposerHandle } from './composer/composer.tsx';
import { ConnectionLine } from './connection-line.tsx';
import { EmptyState } from './composer/empty-state.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { useDraft } from '~/layout/typed/drafts.ts';
import { fill, useWords } from '~/words/words.ts';
import { ChatHeader } from './chat-header.tsx';
import { Notices } from './notices.tsx';
import { SaidList } from './thread/said-list.tsx';
import { Thread } from './thread/thread.tsx';
import { mayIn } from './thread/may.ts';
import { useAnswerReady } from './thread/use-answer-ready.ts';
import { useBranching } from './branches/use-branching.ts';
import { StalePlaces } from './branches/stale-places.tsx';
import { useAnnouncements } from './use-announcements.ts';
import { useConversation, type SendOptions } from './use-conversation.ts';
import { useOlderMessages } from './use-older-messages.ts';
import { QueueList } from './queue/queue-list.tsx';
import { useFollowScroll } from './thread/use-follow-scroll.ts';
import type { PickedTemplate } from '~/templates/template-picker.tsx';
import { useShownRoom } from '~/rooms/lost/shown-room.ts';
import { typingSentence } from '~/rooms/live/typing-sentence.ts';
import { useRoom } from '~/rooms/live/use-room.ts';
import { useSay } from '~/rooms/use-say.ts';
import { ViewerNote } from '~/rooms/viewer-note.tsx';
import { useModelChoice } from './composer/use-model-choice.ts';

interface ChatViewProps {
  /** `null`: a new chat. */
  chat: Chat | null;
  chatId: string;
  /** A random value in the page's forms, so that a form that is sent twice counts as one request. */
  fresh: string;
  /**
   * The page shows the messages from the first question to this message, and on to its newest descendant. `null`: the page shows the
   * messages up to the newest message of the chat.
   */
  leafId: string | null;
  /** The id of a waiting question that is shown with its whole text, so that it can be edited. */
  whole?: string | null;
  /** Why the last form was refused, and the text that the person had typed into that form. */
  problem: { code: string; message: string; text: string } | null;
  /** A text that was kept until its writer had signed in again. */
  kept: string | null;
  /** True if the chat is new and will be a temporary one. */
  beginsTemporary?: boolean;
  /** The people who looked at the room when the page was rendered. */
  here?: readonly Present[];
  /** True if others can read the chat on a public page. */
  isShared?: boolean;
}

const NOBODY: readonly Present[] = [];

/**
 * A conversation and the field for the next question. Reading and asking also work without JavaScript, because they use only
 * links and forms.
 */
export function ChatView(props: ChatViewProps) {
  const { chat: rendered, chatId, fresh, leafId, whole = null, problem, kept } = props;
  const { beginsTemporary = false, here = NOBODY, isShared = false } = props;
  const words = useWords();
  const { userId, chats, pinned } = useLayout();
  const navigate = useNavigate();
  const scroll = useFollowScroll(chatId);
  const older = useOlderMessages(rendered, scroll.container);
  const { chat } = older;
  const room = chat?.room ?? null;
  const live = useRoom({ chatId, room, rendered: here });
  const isRoom = room !== null;
  useShownRoom(chatId, isRoom);
  // A person's own new question is scrolled into view.
  const conversation = useConversation({ chat, chatId, userId, leafId, isRoom, onStart: scroll.follow });
  useAnnouncements({ ...conversation, chat: rendered, leafId });
  const branching = useBranching(chatId);
  const saying = useSay(chatId);
  const { branch, running, starting, stopping, connection, ending } = conversation;
  const model = useModelChoice(branch);
  const composer = useRef<ComposerHandle>(null);
  const [instructions, setInstructions] = useState('');
  const keptInstructions = useDraft('instructions', 'new');
  useAnswerReady(ending?.count ?? 0, fill(words.status.ready, { title: chat?.title ?? words.common.newChat }));

  const temporary = chat?.temporary ?? beginsTemporary;
  /** Where the next question goes, if the person has chosen a place for it. */
  const place = useRef<SendOptions['place']>(undefined);
  const send = async (text: string, { questionId, picked }: { questionId?: string; picked?: PickedTemplate }) => {
    const chosen = place.current;
    place.current = undefined;
    saying.dismiss();
    const isSent = await conversation.send(text, {
      modelId: picked?.modelId ?? model.modelId,
      ...(questionId ? { questionId } : {}),
      ...(picked ? { template: picked.use } : {}),
      ...(chosen ? { place: chosen } : {}),
      ...(instructions ? { instructions } : {}),
      ...(temporary ? { temporary } : {}),
    });
    if (isSent && instructions) keptInstructions.keep('');
    return isSent;
  };
  const may = mayIn(room);
  const leaf = branch.at(-1)?.message.id ?? null;
  const isSent = (id: string) => {
    const [begun, question] = id.split('/');
    if (question !== undefined) return [...chats, ...pinned].some((one) => one.chatId === begun);
    const waiting = chat?.queue.turns.map((turn) => turn.question) ?? [];
    return [...(chat?.messages ?? []), ...(chat?.said ?? []), ...waiting].some((message) => message?.id === id);
  };
  /**
   * Adds a text to the room without asking the model. The text goes to the end of the version that the person has chosen. If no
   * version is chosen, or while an answer is written, the text goes after the newest message.
   */
  const say = (text: string) => {
    scroll.follow();
    return saying.say(text, leafId && !running ? leaf : null);
  };
  return (
    <main id="main" className="main relative" tabIndex={-1}>
      <ChatHeader {...{ chat, temporary, isShared }} here={live.here} />
      <div ref={scroll.container} className="thread-scroll" tabIndex={-1}>
        <div ref={scroll.content} className="column flex min-h-full flex-col pt-4">
          {branch.length === 0 ? (
            <EmptyState
              onPick={(prompt) => composer.current?.fill(prompt)}
              instructions={instructions}
              onInstructions={(typed) => {
                setInstructions(typed);
                keptInstructions.keep(typed);
              }}
              keptInstructions={keptInstructions.read}
              temporary={temporary}
            />
          ) : (
            <Thread
              chatId={chatId}
              fresh={fresh}
              conversation={conversation}
              model={model}
              stream={chat?.stream ?? null}
              older={older}
              forks={chat?.forks}
              from={chat?.from ?? null}
              room={room}
              onBranch={branching.branch}
            />
          )}
          {chat && <SaidList said={chat.said} room={chat.room} />}
          {chat && (
            <QueueList
              key={chatId}
              chatId={chatId}
              rendered={chat.queue}
              sending={conversation.sending}
              whole={whole}
              shown={new Set(branch.map(({ message }) => message.id))}
              replaced={branch.find(({ message }) => message.id === conversation.live?.id)?.versions}
              onElsewhere={() => navigate(`/chat/${chatId}`, { preventScrollReset: true })}
              room={room}
              onLeftOver={(text) => composer.current?.append(text)}
              onCallOff={conversation.callOff}
            />
          )}
          <div id="latest" className={branch.length > 0 ? 'thread-end h-4' : 'h-4'} />
        </div>
      </div>
      <div className="column relative pb-3">
        {!scroll.atEnd && branch.length > 0 && (
          <button
            type="button"
            className="button absolute -top-11 inset-x-0 mx-auto w-fit shadow"
            onClick={scroll.follow}
          >
            <Icon name="down" /> {words.thread.jump}
          </button>
        )}
        <Notices
          problem={conversation.problem ?? saying.problem ?? branching.problem ?? problem}
          onlyDemo={may.write && model.onlyDemo}
        >
          <StalePlaces problem={conversation.problem} onChoose={(chosen) => (place.current = chosen)} />
        </Notices>
        {may.write ? (
          <Composer
            ref={composer}
            draftKey={branch.length > 0 ? chatId : 'new'}
            initialText={problem?.text ?? kept ?? ''}
            isSent={isSent}
            action={
              chat
                ? `/chat/${chatId}${leafId ? `?leaf=${encodeURIComponent(leafId)}` : ''}`
                : `/?index${temporary ? '&temporary=1' : ''}`
            }
            chatId={chat ? chatId : null}
            newChatId={chatId}
            fresh={fresh}
            // Empty while an answer is being written in the version that is shown: the next message waits, and its parent is not
            // known yet. Also empty in a room if the person has chosen no version: others may write meanwhile, so the message goes
            // to the end.
            parentId={running ? (conversation.elsewhere ?? '') : isRoom && !leafId ? '' : (leaf ?? '')}
            temporary={temporary}
            model={model}
            running={running}
            starting={starting}
            stopping={stopping}
            held={chat !== null && chat.queue.paused && chat.queue.turns.length > 0}
            onSend={send}
            onSay={isRoom ? say : undefined}
            onTyped={live.onTyped}
            onStop={conversation.stop}
          />
        ) : (
          <ViewerNote
            fresh={fresh}
            branchFrom={may.branch ? leaf : null}
            streaming={conversation.live?.id === leaf && conversation.live?.streaming === true}
            shown={conversation.live?.lastEventId ?? null}
            onBranch={branching.branch}
          />
        )}
        <ConnectionLine
          {...{ connection, running, starting, stopping }}
          otherwise={typingSentence(words.people, live.typing)}
        />
      </div>
    </main>
  );
}
