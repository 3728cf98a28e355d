import { useEffect, useRef } from 'react';

interface VideoProps {
  readonly media: MediaStreamTrack;
  readonly mirrored?: boolean;
  readonly whole?: boolean; // show all of it, with bars if need be: a screen
  readonly label: string;
  readonly shows?: Show; // of somebody else's
}

/** Tells the call where a picture is shown; the function that ends it. */
export type Show = (media: MediaStreamTrack, element: Element) => () => void;

/** One picture; sound is played elsewhere. */
export function Video({ media, mirrored = false, whole = false, label, shows }: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = new MediaStream([media]);
    const hide = shows?.(media, video);
    return () => {
      hide?.();
      video.srcObject = null;
    };
  }, [media, shows]);
  const classes = ['video', mirrored && 'video-mirrored', whole && 'video-whole'].filter(Boolean).join(' ');
  return <video ref={element} className={classes} aria-label={label} autoPlay playsInline muted />;
}
