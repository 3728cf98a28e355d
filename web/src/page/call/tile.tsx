import { Video } from '../media/video.tsx';
import { Avatar } from '../parts/avatar.tsx';
import { MicrophoneOffIcon } from '../parts/icons.tsx';
import type { Person } from './people.ts';

export function Tile({ person }: { readonly person: Person }) {
  const { id, userId, name, role, me, camera, muted, speaking } = person;
  const states = [muted && 'muted', camera === undefined && 'camera off'].filter(Boolean).join(', ');
  return (
    <figure
      className={speaking && !muted ? 'tile tile-speaking' : 'tile'}
      data-testid="tile"
      data-user={userId}
      data-participant={id}
      data-source="camera"
      data-muted={muted}
      data-camera={camera === undefined ? 'off' : 'on'}
      data-speaking={speaking}
    >
      <Avatar name={name} />
      {camera !== undefined && <Video media={camera} mirrored={me} label={`Camera of ${name}`} />}
      <figcaption className="tile-label">
        {muted && <MicrophoneOffIcon />}
        <span className="tile-name">{me ? `${name} (you)` : name}</span>
        <span className="tile-role">{role}</span>
        <span className="visually-hidden">{states}</span>
      </figcaption>
    </figure>
  );
}
