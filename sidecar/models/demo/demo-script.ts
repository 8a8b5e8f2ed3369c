import { messageText } from '../../../shared/chat/message-text.ts';
import type { Message } from '../../../shared/chat/messages.ts';
import type { CurrentTime } from './current-time.ts';
import { timeZoneOf } from './places.ts';

export interface DemoScript {
  thoughts: string;
  /** The place whose time is looked up. `null` if the question is not about the time. */
  place: string | null;
  /** The text of the answer. `time` is the result of the tool `current_time`, or `null` if the tool was not called. */
  text(time: CurrentTime | null): string;
}

/** The script for a conversation. It depends only on the user's last message and on the number of the user's messages. */
export function demoScript(messages: Message[]): DemoScript {
  const asked = messages.filter((message) => message.role === 'user');
  const question = asked.length > 0 ? messageText(asked.at(-1)!) : '';
  switch (kindOf(question)) {
    case 'time':
      return {
        thoughts: 'Somebody wants to know the time. I cannot know that by myself, but there is a tool for it.',
        place: placeIn(question) ?? 'UTC',
        text: (time) => (time ? timeAnswer(time) : GREETING),
      };
    case 'greeting':
      return {
        thoughts: 'A greeting. I will be brief, and say what there is to try.',
        place: null,
        text: () => GREETING,
      };
    case 'code':
      return tour(
        `It cannot write the code you asked for (${quoted(question)}), but there is some further down to look at.`,
      );
    case 'question':
      return tour(
        `It cannot answer your question (${quoted(question)}), but it can show you what happens to an answer.`,
      );
    case 'other':
      return tour(
        `It does not understand what you wrote (${quoted(question)}), but it can show you what happens to an answer.`,
      );
  }

  function tour(remark: string): DemoScript {
    const body = asked.length % 2 === 1 ? TRY : INSIDE;
    return {
      thoughts:
        'There is no AI behind me, so I cannot think about this. What I can do is stream like one: ' +
        'some paragraphs, a list, code, a table. Let me do that, at the speed of a quick reader.',
      place: null,
      text: () => `${LABEL} ${remark}\n\n${body}`,
    };
  }
}

type Kind = 'time' | 'greeting' | 'code' | 'question' | 'other';

function kindOf(question: string): Kind {
  const text = question.trim().toLowerCase();
  if (/\b(time is it|current time|time in|time now|the time|uhrzeit|wie spät)\b|何時|几点/u.test(text)) return 'time';
  if (
    text.length < 40 &&
    /^(hi|hello|hey|hallo|moin|servus|bonjour|salut|hola|ciao|good (morning|evening))\b/u.test(text)
  ) {
    return 'greeting';
  }
  if (/```|\b(code|function|script|program|regex|sql|python|typescript|javascript)\b/u.test(text)) return 'code';
  return text.endsWith('?') || /^(what|who|why|how|when|where|which|can|could|is|are|does?)\b/u.test(text)
    ? 'question'
    : 'other';
}

/** The longest known place name, of up to four words, after "in": "New York" in "what time is it in New York now?" */
function placeIn(question: string): string | null {
  const words = /\bin\s+([^?!]+)/iu.exec(question)?.[1]?.trim().split(/\s+/) ?? [];
  for (let count = Math.min(words.length, 4); count > 0; count -= 1) {
    const place = withoutSigns(words.slice(0, count).join(' '));
    if (timeZoneOf(place)) return place;
  }
  return null;
}

/** The first 60 characters of a text, without characters that have a meaning in Markdown or HTML. */
function quoted(text: string): string {
  const plain = text
    .replace(/[`*_<>[\]()|#~\\!]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  const signs = [...plain];
  return `“${signs.length > 60 ? `${signs.slice(0, 60).join('').trim()}…` : plain}”`;
}

function timeAnswer({ place, timeZone, date, time, utcOffset }: CurrentTime): string {
  return `${place === 'UTC' ? 'In universal time (UTC), for want of a place that I know, it is' : `In ${place} it is`} **${time}** on ${date}.

| Time zone | Offset |
| --- | --- |
| ${timeZone} | UTC${utcOffset} |

That was not made up 🕰️: the demo called a *tool* on the server, and you can unfold the call above. Its result is stored with the answer like every word of it. If the process that writes this were killed right now, another one would go on from here, and it would not ask for the time again: what has been done once is not done twice.`;
}

const GREETING = `Hello! 👋 **This is the demo model** that answers as long as no AI is configured. It is written in advance, but it streams as a real one does.

- Ask it *anything* for a longer answer, and reload the page while it is being written.
- Ask *what time it is in Tokyo* to see a tool at work.
- Set \`GOOGLE_GENERATIVE_AI_API_KEY\` in \`.env\` and start again, and Gemini answers in its place.`;

const LABEL =
  '**This is the demo model**, not an AI: its answers are written in advance, but they stream as those of a real model do.';

const TRY = `## Try to lose this answer

While you read this, the text is still being written: by a small process on the server, the *sidecar*, which puts every piece of it into Redis before any browser gets to see it. Your browser only reads along. So whatever happens to the browser, the network or even the process, the answer goes on. Some things to do while it is running:

1. **Reload the page**, right now. What has been written is there at once, and the rest goes on from exactly that place: no word is missing, and none is there twice.
2. **Open a second tab** with the same address. Both show the same text at the same time.
3. **Switch off your network** for some seconds. A quiet line says that the connection is gone; as soon as it is back, you get everything that you have missed.
4. **Close the tab**, have a coffee ☕ and come back. The answer is complete, though nobody was watching.
5. **Kill the process** that writes it, if all this runs on a machine of yours:

\`\`\`sh
# only the process that listens at the sidecar's port (SIDECAR_PORT), and no time to say goodbye …
kill -9 $(lsof -t -i tcp:4000 -s tcp:listen)

# … and still it is here; the next process finds it and goes on with it
redis-cli keys "stream:*"
\`\`\`

Leaving is not stopping: only *Stop* ends an answer, on whichever device you press it, and what was written until then is kept.

| What you do | Elsewhere | Here |
| --- | --- | --- |
| reload | half an answer, or none | goes on where it was |
| lose the network | an error message | catches up by itself |
| restart the server | the answer is gone | a short pause |
| change to your phone | starts from nothing | the same text, live |

All writing survives being cut at any byte, and is put together again exactly: é and ü and ß, 日本語の文字も、中文也一样, 한국어도, and emoji that are made of several signs, like 👩‍💻 and 🏳️‍🌈.

When you can read this line, the answer is complete 🎉 Ask for something else to see how it works inside.`;

const INSIDE = `## How an answer survives

Two halves never meet. One *generates*: it calls the model and appends what the model says to a log in Redis. The other *reads*: it takes the log from any place and follows its end. Readers come, go, and come twice; the half that generates does not know about any of them. That is why a reload does no harm.

The log holds exactly the bytes that a browser receives, as server-sent events. Each one ends with its own position:

\`\`\`text
data: {"type":"text-delta","id":"text-0","delta":" exactly"}
id: 2k7f-1840
\`\`\`

So a browser that comes back says which event it has seen last, and gets everything after that byte. Nothing has to be parsed, counted or guessed on the way, and a cut in the middle of an event does no harm: its position is its last line, so a browser that has not seen all of it has not seen its position either.

What happens to the one that writes?

- It holds a **lease** that it has to renew all the time. A process that was killed, or hangs, stops doing that.
- Another one notices, raises the **epoch** of the stream and becomes its owner. Whatever the old one still tries to write is refused from then on.
- The new owner reads what has been written, asks the model to go on from there, and appends. ✍️
- There is **one end**, ever. Finishing, stopping and taking over may race as they like: the first that is stored wins.

| Word | Meaning |
| --- | --- |
| stream | one answer being written |
| position | a number of bytes, always after a whole event |
| epoch | the time of one owner; new with every takeover |
| seal | the moment after which only the end can be written |

At the end comes a proof: the number of bytes and their SHA-256. Your browser checks both as soon as this sentence ends ✅ so this text is not *probably* complete. It is complete: 完整无缺, 最後まで.`;

/** A text without the punctuation at its end. */
function withoutSigns(text: string): string {
  let end = text.length;
  while (end > 0 && '.,;:'.includes(text[end - 1]!)) end -= 1;
  return text.slice(0, end);
}
