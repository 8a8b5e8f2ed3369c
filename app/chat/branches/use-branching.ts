import { useNavigate, useNavigation } from '@remix-run/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ForkAnswer, ForkRequest } from '../../../shared/chat/forks.ts';
import { browserEnvironment } from '~/hooks/stream-environment.ts';
import { StreamError } from '~/hooks/stream-error.ts';
import { persistently } from '~/hooks/stream-requests.ts';
import { tellTabs } from '~/layout/tab-channel.ts';
import { newId } from '~/ui/new-id.ts';
import type { OnBranch } from './branch-button.tsx';

/** Makes forks of a chat and opens them. */
export function useBranching(chatId: string): { branch: OnBranch; problem: StreamError | null } {
  const navigate = useNavigate();
  const [problem, setProblem] = useState<StreamError | null>(null);
  /** True while a fork is being made or opened. Meanwhile, further clicks are ignored, so that only one fork is made. */
  const isBusy = useRef(false);
  const { state } = useNavigation();
  useEffect(() => {
    if (state === 'idle') isBusy.current = false;
  }, [state]);
  const branch = useCallback<OnBranch>(
    async (messageId, at) => {
      if (isBusy.current) return;
      isBusy.current = true;
      setProblem(null);
      try {
        const forkId = await makeFork(chatId, { forkId: newId(), messageId, at });
        tellTabs({ chatId });
        navigate(`/chat/${forkId}`);
      } catch (thrown) {
        isBusy.current = false;
        setProblem(thrown instanceof StreamError ? thrown : new StreamError('network_error', '', null, thrown));
      }
    },
    [chatId, navigate],
  );
  return { branch, problem };
}

async function makeFork(chatId: string, request: ForkRequest): Promise<string> {
  const fork = await persistently<ForkAnswer>({
    environment: browserEnvironment,
    request: (signal) =>
      fetch(`/api/chats/${chatId}/forks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
        signal,
      }),
  });
  return fork.chatId;
}
