import { describe, expect, test } from 'vitest';
import { beginsAnotherAnswer } from './opening.ts';

const STORY = 'Paragraph 0 tells of the sea and of a boat.\n\nParagraph 1 tells of the sea';

describe('when a model should continue a partial answer', () => {
  test.each([
    [STORY, 'Certainly! Here is the whole story again, told in'],
    [STORY, 'Sure, here is the rest of the story: the sea was'],
    [STORY, '\n\nOf course! Here’s the continuation of the story'],
    [`${STORY}.`, 'I apologize for the confusion. The story begins'],
    [STORY, "Here's the complete story with all its paragraphs"],
    [STORY, 'Continuing from where I left off, the boat sailed'],
    [STORY, 'Paragraph 0 tells of the sea and of a ship, which'],
    ['Honey keeps for years because', 'Honey has hardly any water in it. That is why it'],
    ['Once there was a king, and', 'The king lived in a castle by the sea, and nobody'],
    ['Es war einmal ein König, der', 'Natürlich! Hier ist die Geschichte noch einmal'],
    ['从前有一个国王，他', '当然！以下是完整的故事'],
    ['从前有一个国王，他', '继续：还有一个女儿，她叫安娜，住在海边城堡的一座塔里'],
    [`${STORY}.`, 'Voici la suite : et une fille qui s’appelait Anna et'],
    [`${STORY}.`, 'Hier ist die Fortsetzung: und eine Tochter, die Anna'],
  ])('after %j, the text %j is another answer', (before, opening) => {
    expect(beginsAnotherAnswer(before, opening)).toBe(true);
  });

  test.each([
    [STORY, ' and of a boat.\n\nParagraph 2 tells of the sea'],
    [STORY, '.\n\nParagraph 2 tells of the sea and of a boat.'],
    [`${STORY}.`, '\n\nParagraph 2 tells of the sea and of a boat.'],
    ['The language is called Java', 'Script and runs in browsers.'],
    ['It was the', ' Sea that he loved most of all things in the world'],
    ['Call `get', 'Name()` and then `setName()`, as shown below.'],
    ['```js\nconst a = my', 'Function (1, 2);\n```'],
    ['# The sea', '\n\nThe sea is wide and blue, and nobody owns it at'],
    ['the sea was calm', '\nThe boat was small and red, and so was the man'],
    ['He asked. ', '“Sure,” she said, and went on to the harbour with'],
    ['', 'Certainly! Here is the story.'],
    ['- apples\n- pears', '\n- plums\n- cherries\n- peaches'],
    ['| a | b |\n|---|---|\n| 1 |', ' 2 |\n| 3 | 4 |'],
    ['日本語の文', '章は続きます。'],
  ])('after %j, the text %j is a continuation', (before, opening) => {
    expect(beginsAnotherAnswer(before, opening)).toBe(false);
  });
});
