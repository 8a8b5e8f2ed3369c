import { useCallback } from 'react';
import type { Chat } from '../../../shared/chat.ts';
import { AnswerTurn } from './answer-turn.tsx';
import { QuestionTurn } from './question-turn.tsx';
import type { Conversation } from '~/chat/use-conversation.ts';

interface ThreadProps {
  chatId: string;
  fresh: string;
  conversation: Conversation;
  modelId: string;
  /** What a page without a script shows in a frame. */
  stream: Chat['stream'];
}

/** The messages of the branch that is shown. */
export function Thread({ chatId, fresh, conversation, modelId, stream }: ThreadProps) {
  const { branch, live, running, edit, regenerate, goOn } = conversation;
  const onEdit = useCallback<typeof edit>((question, text) => edit(question, text, modelId), [edit, modelId]);
  const onRegenerate = useCallback<typeof regenerate>((message) => regenerate(message, modelId), [regenerate, modelId]);
  const onGoOn = useCallback<typeof goOn>((answer) => goOn(answer, modelId), [goOn, modelId]);
  const lastIndex = branch.length - 1;
  return (
    <ol className="flex-1" aria-label="Messages">
      {branch.map(({ message, versions }, index) => {
        const common = { message, versions: versions.join(' '), chatId, fresh, modelId, busy: running };
        if (message.role === 'user') {
          const unanswered = index === lastIndex && !running;
          return (
            <QuestionTurn
              key={message.id}
              {...common}
              unanswered={unanswered}
              onEdit={onEdit}
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
            parts={isLive ? live.parts : message.parts}
            dropped={metadata.dropped}
            cutOff={metadata.cutOff}
            streaming={isLive && live.streaming}
            frameOf={isLive && stream?.message.id === message.id ? stream.streamId : null}
            onRegenerate={onRegenerate}
            onGoOn={onGoOn}
          />
        );
      })}
    </ol>
  );
}

/** What is kept with an answer about how it was made. */
function metadataOf(metadata: unknown): { dropped: number; cutOff: boolean } {
  const { droppedMessages, finishReason } = Object(metadata) as { droppedMessages?: unknown; finishReason?: unknown };
  return { dropped: typeof droppedMessages === 'number' ? droppedMessages : 0, cutOff: finishReason === 'length' };
}
