import { useCallback, useMemo } from 'react';
import type { Chat } from '../../../shared/chat/chat.ts';
import type { Room } from '../../../shared/chat/rooms.ts';
import type { OnBranch } from '~/chat/branches/branch-button.tsx';
import { metadataOf, stopperOf, writerOf, type Turn } from '~/chat/conversation.ts';
import type { ModelChoice } from '~/chat/composer/use-model-choice.ts';
import type { Conversation } from '~/chat/use-conversation.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { useDrafts } from '~/layout/typed/drafts.ts';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { fill, useWords, type Words } from '~/words/words.ts';
import type { OlderMessages } from '~/chat/use-older-messages.ts';
import { AnswerTurn } from './answer-turn.tsx';
import { mayIn } from './may.ts';
import { OlderButton } from './older-button.tsx';
import { QuestionTurn } from './question-turn.tsx';
import { useFar } from './use-far.ts';

interface ThreadProps {
  chatId: string;
  fresh: string;
  conversation: Conversation;
  model: ModelChoice;
  /** The stream that a page without JavaScript shows in an iframe. */
  stream: Chat['stream'];
  /** The forks of this chat, each with the message at which it was made. */
  forks: Chat['forks'] | undefined;
  /** The chat from which this chat was forked; `null` if this chat is not a fork. */
  from: Chat['from'];
  /** `null` in a chat without members. */
  room: Room | null;
  onBranch: OnBranch;
  older: Pick<OlderMessages, 'before' | 'loading' | 'load'>;
}

export function Thread(props: ThreadProps) {
  const { chatId, fresh, conversation, model, stream, forks, from, room, onBranch, older } = props;
  const words = useWords();
  const { thread } = words;
  const { branch, live, running, starting, edit, regenerate, goOn } = conversation;
  const { online } = useConnectivity();
  const { modelId, choose } = model;
  const onRegenerate = useCallback<typeof regenerate>(
    (message, wanted) => {
      // A model that was chosen for this answer is also used for the next question.
      if (wanted !== modelId) choose(wanted);
      return regenerate(message, wanted);
    },
    [regenerate, modelId, choose],
  );
  const edits = useDrafts('edits', chatId);
  const may = mayIn(room);
  const { rooms } = useLayout();
  const owner = rooms.find(({ roomId }) => roomId === room?.roomId)?.owner ?? words.people.roles.owner;
  const forksOf = useMemo(() => byMessage(forks ?? []), [forks]);
  const far = useFar(branch);
  const lastIndex = branch.length - 1;
  return (
    <>
      {older.before !== null && (
        <OlderButton chatId={chatId} before={older.before} loading={older.loading} onLoad={older.load} />
      )}
      <ol className="flex-1" aria-label={thread.messages}>
        {branch.map(({ message, versions }, index) => {
          const common = {
            message,
            versions: versions.join(' '),
            chatId,
            fresh,
            modelId,
            busy: running,
            forks: forksOf.get(message.id),
            from: from && versions.includes(from.messageId) ? from : null,
            may,
            onBranch,
          };
          if (message.role === 'user') {
            // If there is a stream, the page is about to follow the answer, even if `running` is still false.
            const unanswered = index === lastIndex && !running && stream === null;
            const isLastAsked = index === lastIndex && (running || stream !== null);
            const isAsked = isLastAsked || branch[index + 1]?.message.role === 'assistant';
            return (
              <QuestionTurn
                key={message.id}
                {...common}
                unanswered={unanswered}
                isRoom={room !== null}
                author={authorOf(message, { room, owner, isAsked, words: words.people })}
                edits={edits}
                onEdit={edit}
                onRegenerate={onRegenerate}
              />
            );
          }
          const isLive = live?.id === message.id;
          const metadata = metadataOf(isLive ? live.metadata : message.metadata);
          return (
            <AnswerTurn
              key={message.id}
              {...common}
              far={far[index]}
              parts={isLive ? live.parts : message.parts}
              dropped={metadata.dropped}
              cutOff={metadata.cutOff}
              sentByClient={metadata.sentByClient}
              stoppedBy={stopperOf(message, room)}
              streaming={isLive && live.streaming}
              isUnsent={isLive && starting && !online}
              shown={isLive ? live.lastEventId : null}
              waiting={isLive ? live.waiting : null}
              frameOf={isLive && stream?.message.id === message.id ? stream.streamId : null}
              onRegenerate={onRegenerate}
              onGoOn={goOn}
            />
          );
        })}
      </ol>
    </>
  );
}

/**
 * The heading “Ana asked” or “Ana said”, or “You said” for the person at this page. `null` for that person's own questions, and in
 * a chat without members.
 */
function authorOf(
  message: Turn['message'],
  { room, owner, isAsked, words }: { room: Room | null; owner: string; isAsked: boolean; words: Words['people'] },
): string | null {
  if (!room) return null;
  const name = writerOf(message, { room, owner });
  if (name === null) return isAsked ? null : words.youSaid;
  return fill(isAsked ? words.asked : words.said, { name });
}

function byMessage(forks: Chat['forks']): ReadonlyMap<string, Chat['forks']> {
  const groups = new Map<string, Chat['forks']>();
  for (const fork of forks) groups.set(fork.messageId, [...(groups.get(fork.messageId) ?? []), fork]);
  return groups;
}
