import { type Call, canShareScreen, type Device, type LocalSources, type Right } from '@aqlinks/client';
import {
  CameraIcon,
  CameraOffIcon,
  ChatIcon,
  LeaveIcon,
  LockIcon,
  MicrophoneIcon,
  MicrophoneOffIcon,
  ScreenIcon,
  SettingsIcon,
} from '../parts/icons.tsx';
import { Toggle } from '../parts/toggle.tsx';

interface ControlsProps {
  readonly call: Call;
  readonly local: LocalSources;
  readonly rights: readonly Right[];
  readonly chatOpen: boolean;
  readonly unread: number;
  readonly onToggle: (device: Device) => void;
  readonly onScreen: () => void;
  readonly onChat: () => void;
  readonly onRoom: () => void;
  readonly onSettings: () => void;
}

/** What somebody may not do has no button. */
export function Controls(props: ControlsProps) {
  const { call, local, rights, chatOpen, unread, onToggle, onScreen, onChat, onRoom, onSettings } = props;
  const [talking, filmed, sharing] = [local.microphone.state === 'on', local.camera.state === 'on', local.screen.state === 'on'];
  return (
    <nav className="controls" aria-label="Call">
      {rights.includes('publish-microphone') && (
        <Toggle
          testId="mute"
          on={talking}
          busy={local.microphone.state === 'starting'}
          alarming
          label={talking ? 'Mute microphone' : 'Unmute microphone'}
          short={talking ? 'Mute' : 'Unmute'}
          onClick={() => onToggle('microphone')}
        >
          {talking ? <MicrophoneIcon /> : <MicrophoneOffIcon />}
        </Toggle>
      )}
      {rights.includes('publish-camera') && (
        <Toggle
          testId="camera"
          on={filmed}
          busy={local.camera.state === 'starting'}
          alarming
          label={filmed ? 'Turn camera off' : 'Turn camera on'}
          short="Camera"
          onClick={() => onToggle('camera')}
        >
          {filmed ? <CameraIcon /> : <CameraOffIcon />}
        </Toggle>
      )}
      {rights.includes('publish-screen') && canShareScreen() && (
        <Toggle
          testId="screen"
          on={sharing}
          label={sharing ? 'Stop sharing your screen' : 'Share your screen'}
          short="Share"
          onClick={onScreen}
        >
          <ScreenIcon />
        </Toggle>
      )}
      <Toggle testId="chat-toggle" on={chatOpen} label={chatLabel(chatOpen, unread)} short="Chat" onClick={onChat}>
        <ChatIcon />
        {unread > 0 && (
          <span className="unread" data-testid="unread" aria-hidden="true">
            {unread > 9 ? '9+' : unread}
          </span>
        )}
      </Toggle>
      {(rights.includes('lock') || rights.includes('end')) && (
        <Toggle testId="room-menu" on={false} label="Lock or end the room" short="Room" onClick={onRoom}>
          <LockIcon />
        </Toggle>
      )}
      <Toggle testId="settings" on={false} label="Choose devices" short="Devices" onClick={onSettings}>
        <SettingsIcon />
      </Toggle>
      <button
        type="button"
        className="toggle toggle-leave"
        data-testid="leave"
        aria-label="Leave the call"
        title="Leave the call"
        onClick={() => call.leave()}
      >
        <span className="toggle-face">
          <LeaveIcon />
        </span>
        <span className="toggle-short" aria-hidden="true">
          Leave
        </span>
      </button>
    </nav>
  );
}

function chatLabel(open: boolean, unread: number): string {
  if (open) return 'Close chat';
  return unread === 0 ? 'Open chat' : `Open chat, ${unread} unread`;
}
