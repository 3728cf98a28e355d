import { useEffect, useRef, useState } from 'react';

interface SoundsProps {
  readonly tracks: readonly MediaStreamTrack[];
  readonly speaker: string | undefined; // device id
}

/** Plays what others say. A browser that plays nothing before a click gets its click. */
export function Sounds({ tracks, speaker }: SoundsProps) {
  const players = useRef(new Map<MediaStreamTrack, HTMLAudioElement>());
  const [blocked, setBlocked] = useState(false);

  useEffect(() => {
    for (const [track, player] of players.current) {
      if (tracks.includes(track)) continue;
      player.srcObject = null;
      players.current.delete(track);
    }
    for (const track of tracks) {
      if (players.current.has(track)) continue;
      const player = new Audio();
      player.srcObject = new MediaStream([track]);
      players.current.set(track, player);
      if (speaker !== undefined) choose(player, speaker);
      player.play().catch(error => error instanceof Error && error.name === 'NotAllowedError' && setBlocked(true));
    }
  }, [tracks, speaker]);

  useEffect(() => {
    if (speaker !== undefined) for (const player of players.current.values()) choose(player, speaker);
  }, [speaker]);

  useEffect(() => {
    const all = players.current;
    return () => {
      for (const player of all.values()) player.srcObject = null;
      all.clear();
    };
  }, []);

  if (!blocked) return null;
  const play = () => {
    setBlocked(false);
    for (const player of players.current.values()) player.play().catch(() => setBlocked(true));
  };
  return (
    <button type="button" className="primary sound-blocked" onClick={play}>
      Click to hear the others
    </button>
  );
}

/** Where the browser allows it; a loudspeaker that is gone leaves the sound where it was. */
function choose(player: HTMLAudioElement, speaker: string): void {
  if ('setSinkId' in player) player.setSinkId(speaker).catch(() => undefined);
}
