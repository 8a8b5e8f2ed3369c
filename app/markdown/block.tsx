import type { MarkedToken, Token, Tokens } from 'marked';
import { createContext, createElement, memo, useContext, type ReactNode } from 'react';
import { CodeBlock } from './code-block.tsx';
import { Inline } from './inline.tsx';

interface BlockProps {
  token: MarkedToken;
  unfinished: boolean;
}

/** A block is rendered again only when its source has changed. */
export const Block = memo(renderBlock, sameSource);

function renderBlock({ token, unfinished }: BlockProps): ReactNode {
  switch (token.type) {
    case 'heading':
      return <Heading heading={token} />;
    case 'paragraph':
      return (
        <p dir="auto">
          <Inline tokens={token.tokens} />
        </p>
      );
    case 'text':
      return <Inline tokens={token.tokens ?? [token]} />;
    case 'code':
      return <CodeBlock code={token.text} language={token.lang ?? ''} unfinished={unfinished} />;
    case 'blockquote':
      return (
        <blockquote dir="auto">
          <Blocks tokens={token.tokens} unfinished={unfinished} />
        </blockquote>
      );
    case 'list':
      return <List list={token} unfinished={unfinished} />;
    case 'table':
      return <Table table={token} />;
    case 'hr':
      return <hr />;
    case 'html':
      return token.raw.trim() === '' ? null : <p dir="auto">{token.raw.trim()}</p>;
    case 'space':
    case 'def':
      return null;
    default:
      return <Inline tokens={[token]} />;
  }
}

/** The depth of an answer's first heading. The page has its own h1 and h2: that one is an h3, whatever it was called. */
export const TopDepthContext = createContext(1);

export function topDepthOf(blocks: readonly { token: MarkedToken }[]): number {
  const first = blocks.find(({ token }) => token.type === 'heading')?.token;
  return first?.type === 'heading' ? first.depth : 1;
}

function Heading({ heading }: { heading: Tokens.Heading }) {
  const level = Math.max(0, heading.depth - useContext(TopDepthContext)) + 3;
  return createElement(`h${Math.min(6, level)}`, { dir: 'auto' }, <Inline tokens={heading.tokens} />);
}

function Blocks({ tokens, unfinished }: { tokens: Token[]; unfinished: boolean }) {
  const last = tokens.length - 1;
  return tokens.map((token, index) => (
    <Block key={index} token={token as MarkedToken} unfinished={unfinished && index === last} />
  ));
}

function List({ list, unfinished }: { list: Tokens.List; unfinished: boolean }) {
  const last = list.items.length - 1;
  const items = list.items.map((item, index) => (
    <Item key={index} item={item} loose={list.loose} unfinished={unfinished && index === last} />
  ));
  if (!list.ordered) return <ul dir="auto">{items}</ul>;
  return (
    <ol dir="auto" start={list.start === '' ? undefined : list.start}>
      {items}
    </ol>
  );
}

const Item = memo(
  function Item({ item, unfinished }: { item: Tokens.ListItem; loose: boolean; unfinished: boolean }) {
    return (
      <li className={item.task ? 'task' : undefined}>
        <Blocks tokens={item.tokens} unfinished={unfinished} />
      </li>
    );
  },
  (a, b) => a.item.raw.trimEnd() === b.item.raw.trimEnd() && a.loose === b.loose && a.unfinished === b.unfinished,
);

function Table({ table }: { table: Tokens.Table }) {
  // As a class: the page's policy forbids style attributes.
  const align = (cell: Tokens.TableCell) => cell.align ?? undefined;
  return (
    <div className="table-scroll" role="region" aria-label="Table" tabIndex={0}>
      <table dir="auto">
        <thead>
          <tr>
            {table.header.map((cell, index) => (
              <th key={index} scope="col" className={align(cell)}>
                <Inline tokens={cell.tokens} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, column) => (
                <td key={column} className={align(cell)}>
                  <Inline tokens={cell.tokens} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A settled block is the same object for ever; an unsettled one is parsed anew each time, mostly to the same. */
function sameSource(a: BlockProps, b: BlockProps): boolean {
  if (a.unfinished !== b.unfinished) return false;
  return a.token === b.token || (a.token.type === b.token.type && a.token.raw.trimEnd() === b.token.raw.trimEnd());
}
