import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestContext } from 'node:test';

/** How the clients in the field differ (reference: "The plain protocol"). */
export const HABITS = ['trickles', 'slow-to-answer', 'silent-about-candidates', 'adds-no-tracks'] as const;
export type Habit = (typeof HABITS)[number];

/**
 * A page as existing clients have it: no SDK, no subprotocol, tracks added before the offer comes, every remote stream
 * shown in a video element until `removetrack`. It is written from the description of the protocol alone.
 */
const PAGE = `<!doctype html><meta charset="utf-8"><title>plain client</title><div id="videos"></div><ul id="chat"></ul><script>
const query = new URLSearchParams(location.search);
const habit = query.get('habit');
const codec = query.get('codec');
window.state = { open: false, closed: null, errors: [], chat: [] };
(async () => {
  const pc = new RTCPeerConnection();
  pc.ontrack = event => {
    const stream = event.streams[0];
    let video = document.getElementById(stream.id);
    if (!video) {
      video = Object.assign(document.createElement('video'), { id: stream.id, autoplay: true, playsInline: true, srcObject: stream });
      document.getElementById('videos').append(video);
    }
    stream.onremovetrack = () => { if (stream.getTracks().length === 0) video.remove(); };
  };
  if (habit !== 'adds-no-tracks') {
    const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    for (const track of media.getTracks()) pc.addTrack(track, media);
  }
  const ws = new WebSocket(query.get('socket'));
  const send = (event, data) => ws.send(JSON.stringify({ event, data }));
  pc.onicecandidate = event => {
    if (habit === 'silent-about-candidates' || !event.candidate) return;
    send('candidate', JSON.stringify(event.candidate));
  };
  ws.onopen = () => { state.open = true; };
  ws.onclose = event => { state.closed = { code: event.code, reason: event.reason }; pc.close(); };
  ws.onmessage = async message => {
    const received = JSON.parse(message.data);
    if (received.event !== 'chat' && typeof received.data !== 'string') state.errors.push('data is no string: ' + message.data);
    switch (received.event) {
      case 'offer': {
        const offer = JSON.parse(received.data);
        await pc.setRemoteDescription(codec ? { type: 'offer', sdp: prefer(offer.sdp) } : offer);
        const answer = await pc.createAnswer();
        if (habit === 'slow-to-answer') await new Promise(done => setTimeout(done, 1500));
        await pc.setLocalDescription(answer);
        const sdp = habit === 'silent-about-candidates' ? answer.sdp.replace(/a=candidate.*\\r\\n/g, '') : answer.sdp;
        send('answer', JSON.stringify({ type: 'answer', sdp }));
        break;
      }
      case 'candidate': await pc.addIceCandidate(JSON.parse(received.data)); break;
      case 'chat': state.chat.push({ from: received.from, message: received.message, time: received.time }); break;
      case 'error': state.errors.push(received.data); break;
      default: state.errors.push('an event that this client does not know: ' + received.event);
    }
  };
  // As clients in the field choose their codec: its payload type goes to the front of the offer's list.
  const prefer = sdp => sdp.replace(/m=video[^]*?(?=m=|$)/g, section => {
    const wanted = new RegExp('a=rtpmap:(\\\\d+) ' + codec.split('/')[1] + '/').exec(section)[1];
    return section.replace(/^(m=video \\d+ \\S+)(.*)/, (line, start, types) => start + ' ' + wanted + types.replace(' ' + wanted, ''));
  });
  window.say = text => send('chat', text);
  window.leave = () => ws.close();
})().catch(error => state.errors.push(String(error)));
</script>`;

/** The page's address for one client; `codec` (a MIME type) is the only one that it will send. */
export type Address = (socketUrl: string, habit: Habit, codec?: string) => string;

/** Serves the plain page; its address for one client. */
export async function plainPage(t: TestContext): Promise<Address> {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end(PAGE)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return (socketUrl, habit, codec = '') =>
    `http://127.0.0.1:${address.port}/?${new URLSearchParams({ habit, codec, socket: socketUrl })}`;
}
