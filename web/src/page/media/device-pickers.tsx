import type { Device, DeviceChoice, LocalMedia } from '@aqlinks/client';
import { useId, useState } from 'react';
import { recall, remember } from '../join/remembered.ts';
import { useDevices } from './use-devices.ts';
import { useLocalMedia } from './use-local-media.ts';

interface DevicePickersProps {
  readonly media: LocalMedia;
  readonly onProblem: (device: Device, error: unknown) => void;
  readonly onSpeaker: (id: string) => void;
}

/** Which camera, microphone and loudspeaker. What is chosen is used at once and remembered. */
export function DevicePickers({ media, onProblem, onSpeaker }: DevicePickersProps) {
  const sources = useLocalMedia(media);
  const granted = sources.camera.state === 'on' || sources.microphone.state === 'on';
  const { cameras, microphones, speakers } = useDevices(granted);
  const choose = (device: Device) => (id: string) => {
    remember({ [device]: id });
    media.prefer(device, id);
    const local = media.sources[device];
    if (local.state === 'off') return;
    media.start(device, { deviceId: id, muted: local.state === 'muted' }).catch(error => onProblem(device, error));
  };
  return (
    <div className="pickers">
      <Picker label="Camera" choices={cameras} chosen={deviceOf(sources.camera) ?? recall().camera} onChoose={choose('camera')} />
      <Picker
        label="Microphone"
        choices={microphones}
        chosen={deviceOf(sources.microphone) ?? recall().microphone}
        onChoose={choose('microphone')}
      />
      <Picker
        label="Loudspeaker"
        choices={speakers}
        chosen={recall().speaker}
        onChoose={id => {
          remember({ speaker: id });
          onSpeaker(id);
        }}
      />
    </div>
  );
}

interface PickerProps {
  readonly label: string;
  readonly choices: readonly DeviceChoice[];
  readonly chosen: string | undefined;
  readonly onChoose: (id: string) => void;
}

function Picker({ label, choices, chosen, onChoose }: PickerProps) {
  const id = useId();
  const [picked, setPicked] = useState(chosen);
  if (choices.length === 0) return null;
  const value = choices.some(choice => choice.id === (picked ?? chosen)) ? (picked ?? chosen) : choices[0]?.id;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={event => {
          setPicked(event.target.value);
          onChoose(event.target.value);
        }}
      >
        {choices.map((choice, index) => (
          <option key={choice.id} value={choice.id}>
            {choice.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}

function deviceOf(local: ReturnType<typeof useLocalMedia>[Device]): string | undefined {
  return local.state === 'on' ? local.media.getSettings().deviceId : undefined;
}
