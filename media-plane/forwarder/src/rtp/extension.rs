//! Header extensions (RFC 8285), both forms.

/// One element of a header extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// 1–14 in the one-byte form, 1–255 in the two-byte form.
    pub id: u8,
    pub data: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    OneByte,
    TwoByte,
}

impl Form {
    pub(super) fn of_profile(profile: u16) -> Option<Self> {
        match profile {
            0xbede => Some(Self::OneByte),
            0x1000..=0x100f => Some(Self::TwoByte),
            _ => None,
        }
    }

    pub(super) fn profile(self) -> u16 {
        match self {
            Self::OneByte => 0xbede,
            Self::TwoByte => 0x1000,
        }
    }

    /// The shortest form that can carry all; `None` if neither can.
    pub(super) fn for_elements(elements: &[Element<'_>]) -> Option<Self> {
        let mut form = Self::OneByte;
        for Element { id, data } in elements {
            if *id == 0 || data.len() > 255 {
                return None;
            }
            if *id > 14 || data.is_empty() || data.len() > 16 {
                form = Self::TwoByte;
            }
        }
        Some(form)
    }

    /// Writes an element that fits this form and returns its length.
    pub(super) fn write(self, element: &Element<'_>, out: &mut [u8]) -> Option<usize> {
        let Element { id, data } = *element;
        let data_len = u8::try_from(data.len()).ok()?;
        let head = match self {
            Self::OneByte => {
                *out.first_mut()? = id << 4 | data_len.checked_sub(1)?;
                1
            }
            Self::TwoByte => {
                *out.first_chunk_mut()? = [id, data_len];
                2
            }
        };
        out.get_mut(head..head + data.len())?.copy_from_slice(data);
        Some(head + data.len())
    }
}

/// The elements of one header extension, in the order of the packet; ends at the first that is malformed.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    form: Form,
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn new(form: Form, rest: &'a [u8]) -> Self {
        Self { form, rest }
    }

    /// Id and data length of the next element, and what follows its head; `None` where the extension ends.
    fn head(&self) -> Option<(u8, usize, &'a [u8])> {
        match self.form {
            // Id 0 with a length and id 15 end the whole extension (RFC 8285 4.2); id 0 alone was skipped as padding.
            Form::OneByte => match self.rest.split_first()? {
                (head, after) if (1..=14).contains(&(head >> 4)) => {
                    Some((head >> 4, usize::from(head & 0x0f) + 1, after))
                }
                _ => None,
            },
            Form::TwoByte => {
                let ([id, len], after) = self.rest.split_first_chunk()?;
                Some((*id, usize::from(*len), after))
            }
        }
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        while let [0, after @ ..] = self.rest {
            self.rest = after;
        }
        let element = self.head().and_then(|(id, len, after)| {
            let (data, rest) = after.split_at_checked(len)?;
            self.rest = rest;
            Some(Element { id, data })
        });
        if element.is_none() {
            self.rest = &[];
        }
        element
    }
}
