import type { Device, LocalMedia } from '@aqlinks/client';
import { Level } from '../media/level.tsx';
import { useLocalMedia } from '../media/use-local-media.ts';
import type { Problems } from '../media/use-preview.ts';
import { Video } from '../media/video.tsx';
import { CameraIcon, CameraOffIcon, MicrophoneIcon, MicrophoneOffIcon } from '../parts/icons.tsx';
import { Toggle } from '../parts/toggle.tsx';

interface PreviewProps {
  readonly media: LocalMedia;
  readonly problems: Problems;
  readonly onToggle: (device: Device) => void;
}

/** How the others will see you, with what is wrong in words. */
export function Preview({ media, problems, onToggle }: PreviewProps) {
  const { camera, microphone } = useLocalMedia(media);
  const words = [...new Set([problems.camera?.message, problems.microphone?.message].filter(word => word !== undefined))];
  return (
    <>
      <div className="preview">
        {camera.state === 'on' ? (
          <Video media={camera.media} mirrored label="Your camera" />
        ) : (
          <p className="preview-empty">{camera.state === 'starting' ? 'Allow camera and microphone …' : 'Your camera is off'}</p>
        )}
        {microphone.state === 'on' && <Level media={microphone.media} />}
        <div className="preview-controls">
          <Toggle
            testId="preview-mute"
            on={microphone.state === 'on'}
            busy={microphone.state === 'starting'}
            alarming
            label={microphone.state === 'on' ? 'Mute microphone' : 'Unmute microphone'}
            short="Mic"
            onClick={() => onToggle('microphone')}
          >
            {microphone.state === 'on' ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
          </Toggle>
          <Toggle
            testId="preview-camera"
            on={camera.state === 'on'}
            busy={camera.state === 'starting'}
            alarming
            label={camera.state === 'on' ? 'Turn camera off' : 'Turn camera on'}
            short="Camera"
            onClick={() => onToggle('camera')}
          >
            {camera.state === 'on' ? <CameraIcon /> : <CameraOffIcon />}
          </Toggle>
        </div>
      </div>
      <div aria-live="polite">
        {words.map(word => (
          <p key={word} className="hint hint-problem">
            {word}
          </p>
        ))}
        {words.length > 0 && <p className="hint">You can join without it: others will not see or hear what is missing.</p>}
      </div>
    </>
  );
}
