import { type Show, Video } from '../media/video.tsx';
import { Avatar } from '../parts/avatar.tsx';
import { MicrophoneOffIcon, MoreIcon } from '../parts/icons.tsx';
import type { Person } from './people.ts';

/** The picture stays where it is: it comes again by itself. */
export const PAUSED = 'Paused: your network is too slow';

interface TileProps {
  readonly person: Person;
  readonly shows: Show;
  readonly onMenu: ((participant: string) => void) | undefined;
}

export function Tile({ person, shows, onMenu }: TileProps) {
  const { id, userId, name, role, me, camera, muted, speaking } = person;
  const paused = person.paused && camera !== undefined;
  const states = [muted && 'muted', camera === undefined && 'camera off', paused && PAUSED].filter(Boolean).join(', ');
  return (
    <figure
      className={speaking && !muted ? 'tile tile-speaking' : 'tile'}
      data-testid="tile"
      data-user={userId}
      data-participant={id}
      data-source="camera"
      data-muted={muted}
      data-role={role}
      data-camera={camera === undefined ? 'off' : 'on'}
      data-speaking={speaking}
      data-paused={paused}
    >
      <Avatar name={name} />
      {camera !== undefined && <Video media={camera} mirrored={me} label={`Camera of ${name}`} {...(me ? {} : { shows })} />}
      {paused && <p className="tile-paused">{PAUSED}</p>}
      {onMenu !== undefined && (
        <button
          type="button"
          className="tile-menu"
          data-testid="person-menu"
          aria-label={`What to do with ${name}`}
          title={name}
          onClick={() => onMenu(id)}
        >
          <MoreIcon />
        </button>
      )}
      <figcaption className="tile-label">
        {muted && <MicrophoneOffIcon />}
        <span className="tile-name">{me ? `${name} (you)` : name}</span>
        <span className="tile-role">{role}</span>
        <span className="visually-hidden">{states}</span>
      </figcaption>
    </figure>
  );
}
