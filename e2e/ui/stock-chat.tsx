import { useChat } from '@ai-sdk/react';
import { createRoot } from 'react-dom/client';

/** A page that uses only the AI SDK and nothing of this app. */
function StockChat({ id }: { id: string }) {
  const { messages, status, error, sendMessage, regenerate, stop } = useChat({ id, resume: true });
  return (
    <main>
      <output>{status}</output>
      <p role="alert">{error?.message}</p>
      {messages.map((message) => (
        <article
          key={message.id}
          data-role={message.role}
          className={message.role === 'user' ? 'turn question' : 'turn'}
        >
          <div className="answer">
            {message.parts.map((part, index) => (part.type === 'text' ? <span key={index}>{part.text}</span> : null))}
          </div>
        </article>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void sendMessage({ text: String(new FormData(event.currentTarget).get('text')) });
        }}
      >
        <input name="text" aria-label="Text" />
        <button>Send</button>
      </form>
      <button onClick={() => void regenerate()}>Regenerate</button>
      <button onClick={() => void stop()}>Stop</button>
    </main>
  );
}

const id = new URLSearchParams(location.search).get('chat')!;
createRoot(document.body).render(<StockChat id={id} />);
