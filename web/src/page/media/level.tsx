import { useEffect, useRef } from 'react';

/** Shows that the microphone hears something: people check it before they join. */
export function Level({ media }: { readonly media: MediaStreamTrack }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const context = new AudioContext();
    const source = context.createMediaStreamSource(new MediaStream([media]));
    const analyser = new AnalyserNode(context, { fftSize: 512 });
    source.connect(analyser);
    const samples = new Uint8Array(analyser.fftSize);
    let frame = requestAnimationFrame(function draw() {
      analyser.getByteTimeDomainData(samples);
      const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample - 128)), 0) / 128;
      bar.current?.style.setProperty('--level', String(Math.min(1, peak * 2)));
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      void context.close();
    };
  }, [media]);
  return <div ref={bar} className="level" aria-hidden="true" />;
}
