import { useEffect, useRef } from 'react';

interface VideoProps {
  readonly media: MediaStreamTrack;
  readonly mirrored?: boolean;
  readonly whole?: boolean; // show all of it, with bars if need be: a screen
  readonly label: string;
}

/** One picture; sound is played elsewhere. */
export function Video({ media, mirrored = false, whole = false, label }: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = new MediaStream([media]);
    return () => {
      video.srcObject = null;
    };
  }, [media]);
  const classes = ['video', mirrored && 'video-mirrored', whole && 'video-whole'].filter(Boolean).join(' ');
  return <video ref={element} className={classes} aria-label={label} autoPlay playsInline muted />;
}
