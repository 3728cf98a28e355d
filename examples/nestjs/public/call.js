// A call with nothing but a WebSocket and an RTCPeerConnection: the plain protocol of aqlinks. @aqlinks/client does all this, and
// reconnects, tells who is there, mutes, and shares the screen.

const form = /** @type {HTMLFormElement} */ (document.querySelector('form'));
const status = /** @type {HTMLElement} */ (document.querySelector('[role=status]'));

form.addEventListener('submit', event => {
  event.preventDefault();
  const fields = new FormData(form);
  document.cookie = `user=${encodeURIComponent(String(fields.get('user')))}; SameSite=Lax`; // the example's way to log in
  join(String(fields.get('room'))).catch(error => {
    status.textContent = String(error);
  });
});

/** @param {string} room */
async function join(room) {
  const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  show(media, 'me');

  const response = await fetch(`/api/webrtc/token/${encodeURIComponent(room)}`);
  const { wsUrl } = await response.json();
  const ws = new WebSocket(wsUrl);

  const peer = new RTCPeerConnection();
  for (const track of media.getTracks()) peer.addTrack(track, media);
  peer.addEventListener('track', ({ streams: [stream] }) => stream && show(stream, stream.id));

  ws.addEventListener('message', async ({ data }) => {
    const message = JSON.parse(data);
    if (message.event !== 'offer') return;
    await peer.setRemoteDescription(JSON.parse(message.data));
    await peer.setLocalDescription();
    ws.send(JSON.stringify({ event: 'answer', data: JSON.stringify(peer.localDescription) }));
  });
  ws.addEventListener('open', () => {
    status.textContent = `In ${room}.`;
  });
  ws.addEventListener('close', ({ reason }) => {
    status.textContent = `The call is over. ${reason}`;
  });
}

/**
 * @param {MediaStream} stream
 * @param {string} id
 */
function show(stream, id) {
  const found = document.getElementById(id);
  const video = /** @type {HTMLVideoElement} */ (found ?? document.createElement('video'));
  Object.assign(video, { id, srcObject: stream, autoplay: true, playsInline: true, muted: id === 'me' });
  if (found === null) document.querySelector('main')?.append(video);
  stream.addEventListener('removetrack', () => stream.getTracks().length === 0 && video.remove());
}
