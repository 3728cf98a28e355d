import { type Call, type Device, type LocalMedia, MediaError, type Right } from '@aqlinks/client';
import { useCallback, useEffect, useState } from 'react';
import { ChatPanel } from '../chat/chat-panel.tsx';
import { useUnread } from '../chat/use-unread.ts';
import { recall } from '../join/remembered.ts';
import type { Seat } from '../join/seat.ts';
import { Sounds } from '../media/sounds.tsx';
import { useToggle } from '../media/use-preview.ts';
import type { Show } from '../media/video.tsx';
import { LobbyPanel } from '../moderation/lobby-panel.tsx';
import { PersonMenu } from '../moderation/person-menu.tsx';
import { RoomMenu } from '../moderation/room-menu.tsx';
import '../styles/call.css';
import { Controls } from './controls.tsx';
import { Header } from './header.tsx';
import { Notices } from './notices.tsx';
import { peopleOf, screensOf, soundsOf } from './people.ts';
import { Settings } from './settings.tsx';
import { Stage } from './stage.tsx';
import { Status } from './status.tsx';
import { useCall } from './use-call.ts';
import { useNotices } from './use-notices.ts';

interface CallScreenProps {
  readonly call: Call;
  readonly media: LocalMedia;
  readonly seat: Seat;
}

const MODERATING: ReadonlySet<Right> = new Set(['mute-others', 'change-roles', 'remove'] as const);

export function CallScreen({ call, media, seat }: CallScreenProps) {
  const snapshot = useCall(call);
  const { notices, tell, dismiss } = useNotices(call, media);
  const [chatOpen, setChatOpen] = useState(false);
  const [roomOpen, setRoomOpen] = useState(false);
  const [menuOf, setMenuOf] = useState<string>(); // participant
  const [settingsOpen, setSettingsOpen] = useState(false);
  const [speaker, setSpeaker] = useState(() => recall().speaker);
  const unread = useUnread(snapshot.messages, chatOpen);

  const problem = (_: Device | 'screen', error: unknown) => {
    if (error instanceof MediaError && error.code !== 'cancelled') tell('problem', error.message);
  };
  const toggle = useToggle(media, problem);
  const toggleScreen = () => {
    if (snapshot.local.screen.state === 'off') call.publishScreen().catch(error => problem('screen', error));
    else call.unpublish('screen');
  };

  const room = snapshot.room ?? seat.room ?? '';
  useEffect(() => {
    document.title = `${room} – aqlinks`;
    return () => {
      document.title = 'aqlinks';
    };
  }, [room]);

  const people = peopleOf(snapshot);
  const { rights } = snapshot;
  const moderates = rights.some(right => MODERATING.has(right));
  const chosen = snapshot.participants.find(({ id }) => id === menuOf);
  const shows = useCallback<Show>((media, element) => call.show(media, element), [call]);
  return (
    <div className={chatOpen ? 'call call-chatting' : 'call'}>
      <Header room={room} count={people.length} locked={snapshot.locked} />
      <Status connection={snapshot.connection} />
      {snapshot.waiting.length > 0 && <LobbyPanel call={call} waiting={snapshot.waiting} />}
      <main className="call-main" aria-label="People">
        <Stage people={people} screens={screensOf(snapshot, people)} shows={shows} onMenu={moderates ? setMenuOf : undefined} />
      </main>
      {chatOpen && (
        <ChatPanel
          messages={snapshot.messages}
          canSend={snapshot.connection.name === 'connected' && rights.includes('chat')}
          mayWrite={rights.includes('chat')}
          onSend={text => call.sendChat(text)}
          onClose={() => setChatOpen(false)}
        />
      )}
      <Notices notices={notices} onDismiss={dismiss} />
      <Sounds tracks={soundsOf(snapshot)} speaker={speaker} />
      <Controls
        call={call}
        local={snapshot.local}
        rights={rights}
        chatOpen={chatOpen}
        unread={unread}
        onToggle={toggle}
        onScreen={toggleScreen}
        onChat={() => setChatOpen(open => !open)}
        onRoom={() => setRoomOpen(true)}
        onSettings={() => setSettingsOpen(true)}
      />
      {roomOpen && <RoomMenu call={call} snapshot={snapshot} onClose={() => setRoomOpen(false)} />}
      {chosen !== undefined && <PersonMenu call={call} person={chosen} rights={rights} onClose={() => setMenuOf(undefined)} />}
      {settingsOpen && (
        <Settings media={media} onProblem={problem} onSpeaker={setSpeaker} onClose={() => setSettingsOpen(false)} />
      )}
    </div>
  );
}
