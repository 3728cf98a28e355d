/// One element of a header extension (RFC 8285).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element<'a> {
    /// 1–14 in the one-byte form, 1–255 in the two-byte form.
    pub id: u8,
    pub data: &'a [u8],
}

/// The elements of one header extension, in the order of the packet; ends at the first that is malformed.
#[derive(Debug, Clone)]
pub struct Elements<'a> {
    _rest: &'a [u8],
}

impl<'a> Iterator for Elements<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        todo!()
    }
}
