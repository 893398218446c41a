// Hears that a run changed: from our own stream, or from Supabase Realtime with a ticket that is
// kept in memory alone.
const HEARTBEAT_MS = 25000;
const AGAIN_MS = 5000;

export function heard(how, run, stopped, changed) {
  if (how === "sse") stream(run, stopped, changed);
  if (how === "realtime") realtime(run, stopped, changed);
}

function stream(run, stopped, changed) {
  const source = new EventSource("/live");
  source.addEventListener("run", (event) => JSON.parse(event.data).run_id === run && changed());
  stopped.addEventListener("abort", () => source.close());
}

async function realtime(run, stopped, changed) {
  let socket;
  let beat;
  stopped.addEventListener("abort", () => socket?.close());
  const again = () => {
    clearInterval(beat);
    if (!stopped.aborted) setTimeout(() => realtime(run, stopped, changed), AGAIN_MS);
  };
  try {
    const answer = await fetch("/live/ticket", { method: "POST", headers: { accept: "application/json" }, signal: stopped });
    if (!answer.ok) return answer.status === 401 ? undefined : again();
    const ticket = await answer.json();
    socket = new WebSocket(ticket.address);
    let number = 0;
    const send = (topic, event, payload) => socket.send(JSON.stringify({ topic, event, payload, ref: String(++number), join_ref: "1" }));
    socket.addEventListener("open", () => {
      send(ticket.topic, "phx_join", { config: { private: true, broadcast: { self: false } }, access_token: ticket.token });
      beat = setInterval(() => send("phoenix", "heartbeat", {}), HEARTBEAT_MS);
    });
    socket.addEventListener("message", (event) => {
      const told = JSON.parse(event.data);
      // Whoever joins has missed what came before.
      if (told.event === "phx_reply" && told.topic === ticket.topic && told.payload.status === "ok") changed();
      if (told.event === "broadcast" && told.payload.payload?.run_id === run) changed();
    });
    socket.addEventListener("close", again);
  } catch (error) {
    again();
  }
}
