export interface FoundNode {
  path: string;
  /** Without the `v`. */
  version: string;
}
export function findNode(options: { root: string; say: (line: string) => void }): Promise<string>;
export function chooseNode(nodes: FoundNode[]): FoundNode | null;
