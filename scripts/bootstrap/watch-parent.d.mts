export function watchParent(onGone: () => void, pid?: number): () => void;
export function isAlive(pid: number): boolean;
