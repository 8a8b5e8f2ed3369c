/** How long a model call may take, in milliseconds. */
export interface PatienceSettings {
  /** Limit for the silence before the first word, while the provider reads the prompt or loads the model. */
  firstTokenTimeoutMs: number;
  /** Limit for a silence in the middle of an answer. */
  stallTimeoutMs: number;
  /** Limit for all calls of one answer together. */
  answerTimeoutMs: number;
}

export type OutOfPatience = 'no-first-word' | 'stalled' | 'too-slow';

/** Says when a model call has taken too long. */
export interface Patience {
  /** Called when a call begins. `isRepeat`: the answer had a call before, so this one gets less time for its first word. */
  asked(options: { isRepeat: boolean }): void;
  /** The model said something at the time `at`, in milliseconds by the clock of this patience. */
  word(at: number): void;
  /** At the time `at`, something else showed that the call is not dead, for example a comment in the provider's event stream. */
  sign(at: number): void;
  /** `true`: this process stops reading the model for a while, so silence does not count. `false`: it reads again. */
  setPaused(isPaused: boolean): void;
  /** The process was suspended for this long. This time does not count, and the silence is measured from zero again. */
  slept(ms: number): void;
  /** Returns why the call must end now, or `null`. Meant to be called about every second, or every few seconds in a long silence. */
  tick(): OutOfPatience | null;
  /** Time since the model last said something, was called, or was read again after a pause. Signs of life do not count. */
  readonly wordlessMs: number;
  readonly hasSpoken: boolean;
}

export function createPatience(settings: PatienceSettings, now = () => performance.now()): Patience {
  const startedAt = now();
  let sleptMs = 0;
  let heardAt = startedAt;
  let spokeAt = startedAt;
  let hasSpoken = false;
  let isRepeat = false;
  let isPaused = false;

  return {
    asked(options) {
      heardAt = spokeAt = now();
      hasSpoken = false;
      isRepeat = options.isRepeat;
    },
    word(at) {
      heardAt = Math.max(heardAt, at);
      spokeAt = Math.max(spokeAt, at);
      hasSpoken = true;
    },
    sign(at) {
      heardAt = Math.max(heardAt, at);
    },
    setPaused(paused) {
      isPaused = paused;
      heardAt = spokeAt = now();
    },
    slept(ms) {
      const at = now();
      sleptMs += ms;
      heardAt = at;
      spokeAt = Math.min(at, spokeAt + ms);
    },
    tick() {
      const at = now();
      if (at - startedAt - sleptMs > settings.answerTimeoutMs) return 'too-slow';
      if (isPaused) return null;
      const silentMs = at - heardAt;
      if (hasSpoken || isRepeat) return silentMs > settings.stallTimeoutMs ? 'stalled' : null;
      return silentMs > settings.firstTokenTimeoutMs ? 'no-first-word' : null;
    },
    get wordlessMs() {
      return now() - spokeAt;
    },
    get hasSpoken() {
      return hasSpoken;
    },
  };
}
