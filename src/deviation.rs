//! Departures from the standards that a decoder tolerates, each with its name and its catalogue ids.
//!
//! One table lists them all. A *deviation* is a departure from XML 1.0, RFC 2045/2046/2387/5322, SOAP 1.1 or
//! TS 23.140, so the list is the same whoever reads. A *quirk* is a deviation that can also be written on
//! purpose and leaves the message equal.

use alloc::vec::Vec;
use core::fmt;

use crate::carrier_id::Carrier;
use crate::location::Location;

/// One departure from a standard, where it stands, and whether the dialect prescribes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Deviation {
    /// What is irregular.
    pub kind: DeviationKind,
    /// Where: the position a person would look at.
    pub at: Location,
    /// The dialect prescribes this, here: it is no surprise.
    pub expected: bool,
}

/// `xml/attribute-separator at byte 812 (part[0]/Envelope/Body/SubmitReq/Content)`
impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.kind, self.at)
    }
}

macro_rules! kinds {
    ($( $name:ident $code:literal [$($id:literal)*] [$($carrier:ident)*] $role:ident $doc:literal; )*) => {
        /// What is irregular. The order is that of the layers: HTTP, MIME, charset, XML, SOAP, MM7, date-time.
        ///
        /// [`code`](Self::code) is the stable name for other tools, [`catalogue`](Self::catalogue) the ids of
        /// the interface documents' irregularities that it covers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum DeviationKind { $( #[doc = $doc] $name, )* }

        impl DeviationKind {
            /// Every kind, in order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable name: layer, slash, noun, fact. For example `xml/attribute-separator`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// One sentence: what it is and what the decoder does with it.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$name => $doc),* }
            }

            /// The ids of `docs/catalogue.md` that this kind covers, `S-07` say; empty where the catalogue has none.
            pub const fn catalogue(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($id),*]),* }
            }

            /// The carriers for which it is on record: what [`Tolerance::Observed`](crate::Tolerance::Observed) takes of them.
            pub const fn observed(self) -> &'static [Carrier] {
                match self { $(Self::$name => &[$(Carrier::$carrier),*]),* }
            }

            /// Whether the encoder can write it on purpose, leaving the message equal.
            pub const fn is_quirk(self) -> bool {
                match self { $(Self::$name => kinds!(@quirk $role)),* }
            }
        }
    };
    (@quirk quirk) => { true };
    (@quirk plain) => { false };
}

kinds! {
    // --- HTTP
    FieldNameInvalid "http/field-name-invalid" ["X-01"] [S K L] plain "A header field whose name is no token (`\"\": \"\"`); the field is skipped.";
    SoapAction "http/soap-action" ["X-03"] [S K L] plain "A SOAPAction other than the quoted empty string; it is never dispatched on.";
    BodyTypeMismatch "http/body-type-mismatch" [] [] plain "The Content-Type says MIME and the body is bare XML, or the reverse; the body decides.";
    ContentLengthMismatch "http/content-length-mismatch" [] [] plain "The entity's Content-Length is not the number of body bytes; it is never used for framing.";

    // --- MIME
    CharsetOnMultipart "mime/charset-on-multipart" ["X-02"] [S K L] quirk "A charset parameter on a multipart type; used only as the last default.";
    BoundaryMissing "mime/boundary-missing" [] [] plain "No boundary parameter; taken from the first delimiter line.";
    BoundaryUndeclared "mime/boundary-undeclared" ["L-20"] [L] plain "Delimiter lines of a boundary that no Content-Type declares; read as a nested multipart.";
    ParameterQuote "mime/parameter-quote" ["X-16"] [S K L] quirk "A parameter value in single quotes, or a value with reserved characters in none.";
    ParameterSeparator "mime/parameter-separator" ["X-16"] [S K L] quirk "A parameter list that ends in a semicolon, or parameters without one between them.";
    BlankLineMissing "mime/blank-line-missing" ["S-01" "K-02" "L-20"] [S K L] quirk "Part headers run straight into the body; the first line that is no field begins the body.";
    FieldMalformed "mime/field-malformed" [] [] plain "A header line without a colon that is no continuation; it is kept out of the fields.";
    FieldDuplicate "mime/field-duplicate" [] [] plain "A structured header field that stands twice; the first counts.";
    FoldLost "mime/fold-lost" ["S-24"] [S] quirk "A continuation line that begins in column 0; joined to the field above it.";
    FieldComment "mime/field-comment" ["S-26"] [S] quirk "A remark in `<--` or `<!--` behind a header value; cut off.";
    FieldNbsp "mime/field-nbsp" ["S-27"] [S] quirk "A no-break space in a structured header field; read as a blank.";
    FieldEightBit "mime/field-8bit" ["S-28" "S-53"] [S K L] plain "Raw 8-bit bytes in a header field; decoded with the message's charset, else CP949.";
    FieldUnderscore "mime/field-underscore" ["L-16"] [L] quirk "Underscores for hyphens in a header field's name; matched as if they were hyphens.";
    LineEndLf "mime/line-end-lf" [] [S K L] quirk "Header or delimiter lines that end in a bare LF.";
    CloseDelimiterDash "mime/close-delimiter-dash" ["K-05"] [K] quirk "A close delimiter that ends in a typographic dash; read as the close.";
    CloseDelimiterMissing "mime/close-delimiter-missing" ["L-04" "K-05"] [K L] plain "The input ends before a multipart's close delimiter; the end closes it.";
    ContentIdUnbracketed "mime/content-id-unbracketed" ["S-39"] [S] quirk "A Content-ID without angle brackets.";
    ContentIdDoubled "mime/content-id-doubled" ["L-13"] [L] quirk "A Content-ID in doubled angle brackets; all leading and trailing brackets are stripped.";
    ContentIdForm "mime/content-id-form" ["S-40" "K-06"] [S K L] plain "A Content-ID that is no `left@right`; kept as an opaque string.";
    ContentIdDuplicate "mime/content-id-duplicate" ["S-38" "L-13" "K-22"] [S K L] plain "A Content-ID that an earlier part has; references are resolved by the kind of part they want.";
    ContentTypeMissing "mime/content-type-missing" ["S-31" "L-14" "K-23"] [S K L] quirk "A part without Content-Type; its type, and base64 with it, is inferred from its place and first bytes.";
    RelatedTypeMissing "mime/related-type-missing" ["S-22"] [S K L] plain "A multipart/related without the type parameter that RFC 2387 requires.";
    StartUnmatched "mime/start-unmatched" ["S-39"] [S] quirk "A start parameter that names no part; the first part is the root.";
    EncodingUndeclared "mime/encoding-undeclared" ["S-30" "L-14"] [S K L] quirk "An 8-bit body without Content-Transfer-Encoding; read as binary.";
    EncodingUnknown "mime/encoding-unknown" [] [] plain "A Content-Transfer-Encoding that RFC 2045 does not know; read as binary.";
    Base64Malformed "mime/base64-malformed" [] [] plain "Characters outside the base64 alphabet or wrong padding; skipped, what can be decoded is.";
    QuotedPrintableMalformed "mime/quoted-printable-malformed" [] [] plain "An equals sign that begins no quoted-printable escape; kept as it stands.";
    PartLengthMismatch "mime/part-length-mismatch" ["S-29"] [S K L] plain "A part's Content-Length is not the length of its body; it is never used for framing.";

    // --- charset
    CharsetLabel "charset/label-unregistered" ["S-03"] [S K L] quirk "A charset name that IANA has not registered (`ksc5601`, `cp949`); read by what it means.";
    CharsetUnknown "charset/label-unknown" [] [] plain "A charset name that nobody knows; read as CP949, or UTF-8 where the bytes say so.";
    CharsetConflict "charset/conflict" ["X-04" "K-04"] [S K L] plain "Bytes that the declared charset cannot be and UTF-8 is; read as UTF-8.";
    CharsetLabelConflict "charset/label-conflict" ["K-03" "L-01"] [S K L] quirk "The part header and the XML declaration name different charsets.";
    Cp949Extension "charset/cp949-extension" ["X-08"] [S K L] quirk "Bytes of CP949 under a label of EUC-KR, which lacks them.";
    CharsetUndecodable "charset/undecodable" ["S-43"] [S K L] plain "Bytes that are nothing in their charset; read as U+FFFD.";
    CharsetDamaged "charset/damaged" ["S-43" "S-42"] [S K L] plain "Characters that a wrong conversion leaves behind (U+FFFD, U+2592); kept.";
    ControlCharacter "charset/control-character" [] [] plain "A C0 control or a non-character, which no message holds; read as U+FFFD.";

    // --- XML
    XmlPadding "xml/padding" ["X-05"] [S K L] quirk "White space or NUL before the XML declaration.";
    XmlDeclarationBlank "xml/declaration-blank" ["S-36"] [S] quirk "A blank between `<?` and `xml`.";
    QuoteTypographic "xml/quote-typographic" ["S-02" "S-35"] [S] quirk "A typographic quote as attribute delimiter.";
    QuoteMissing "xml/quote-missing" ["S-34"] [S] quirk "An attribute value without its opening quote; it ends at the next quote, blank or tag end.";
    AttributeSeparator "xml/attribute-separator" ["S-07"] [S] quirk "A semicolon or comma between attributes; read as white space.";
    AttributeLt "xml/attribute-lt" ["S-08"] [S] quirk "A `<` inside an attribute value; kept.";
    AttributeDuplicate "xml/attribute-duplicate" [] [] plain "An attribute that stands twice; the first counts.";
    AttributeMalformed "xml/attribute-malformed" [] [] plain "Bytes in a start tag that are no attribute, or a name without a value; skipped. Also an XML declaration whose attributes are not its version, encoding and standalone, in this order.";
    EndTagBlank "xml/end-tag-blank" ["S-05"] [S] quirk "A blank between `</` and the name.";
    EndTagMalformed "xml/end-tag-malformed" [] [] plain "Bytes other than white space behind the name of an end tag; skipped.";
    EndTagRepeatedStart "xml/end-tag-repeated-start" ["S-06"] [S] quirk "A start tag where the end tag belongs; read as the end tag.";
    EndTagMismatch "xml/end-tag-mismatch" ["K-10"] [K] quirk "An end tag with another element's name; closes the element it stands for.";
    EndTagStray "xml/end-tag-stray" [] [] plain "An end tag that no element is open for; skipped.";
    ElementUnclosed "xml/element-unclosed" ["S-06"] [S] plain "An element without end tag; closed where its parent ends, or at the end of the input.";
    TextAfterRoot "xml/text-after-root" ["S-09" "S-42"] [S] quirk "Text behind the end tag of the root element; ignored.";
    MarkupStray "xml/markup-stray" [] [] plain "A `<` or `&` that begins nothing; read as text.";
    ReferenceUnknown "xml/reference-unknown" [] [] plain "An entity that is none of the five, or a character reference to no character; kept as written.";
    CommentMalformed "xml/comment-malformed" [] [] plain "A comment, CDATA section or instruction without its end, or with `--` inside.";
    PrefixUndeclared "xml/prefix-undeclared" [] [] plain "A namespace prefix that nothing declares; the local name counts.";

    // --- SOAP
    SoapNamespaceSlash "soap/namespace-slash" ["K-01"] [K] quirk "The SOAP 1.1 namespace without its final slash.";
    SoapNamespaceOther "soap/namespace-other" ["K-01"] [] plain "An envelope in another namespace than that of SOAP 1.1.";
    HeaderMissing "soap/header-missing" [] [] plain "No SOAP header, so no TransactionID element.";
    MustUnderstandMissing "soap/must-understand-missing" [] [] quirk "TransactionID without mustUnderstand=\"1\".";
    EntryExtra "soap/entry-extra" [] [] plain "A second element in the SOAP body; the first is the operation.";

    // --- MM7
    NamespaceUnknown "mm7/namespace-unknown" [] [] plain "An operation or a known element in a namespace that is no revision of the MM7 schema; the local name counts.";
    OperationAlias "mm7/operation-alias" ["S-46"] [S] quirk "`DeliverReportReq` for DeliveryReportReq.";
    OperationCase "mm7/operation-case" ["K-11"] [K] quirk "An operation's name in other letter case (`VaspErrorRsp`).";
    ElementUnqualified "mm7/element-unqualified" ["K-07" "L-06"] [S K L] quirk "Children of the operation in no namespace; the schema qualifies them.";
    ElementOrder "mm7/element-order" ["X-14" "S-18" "K-12" "L-19" "L-23"] [S K L] plain "Children in another order than the schema's; all are found by name.";
    VendorElement "mm7/vendor-element" ["K-14" "L-18" "S-17" "S-18"] [S K L] plain "A vendor's element among those of the schema, in no namespace of its own.";
    ElementMissing "mm7/element-missing" [] [S K L] plain "A mandatory element is absent.";
    ElementEmpty "mm7/element-empty" ["S-19" "K-09"] [S K L] quirk "An element whose type wants content is empty; read as absent.";
    ElementRepeated "mm7/element-repeated" [] [] plain "An element that may stand once stands again; the first counts, the others are kept as extensions.";
    ScalarPadded "mm7/scalar-padded" ["X-15" "K-08" "L-05" "S-44"] [S K L] quirk "White space around a value; trimmed.";
    ValueUnreadable "mm7/value-unreadable" ["L-07"] [S K L] plain "A value that its type cannot be; the raw text is kept and written back.";
    ValueNotEnumerated "mm7/value-not-enumerated" ["K-15" "K-18" "L-07"] [S K L] plain "A value outside the standard's enumeration; kept.";
    BooleanForm "mm7/boolean-form" ["S-15" "K-17"] [S K L] plain "A boolean other than `true`, `false`, `1`, `0`.";
    NameMisspelled "mm7/name-misspelled" ["S-21"] [S] quirk "A name in another spelling than the schema's (`allowAdaptatiions`, `Detail`); read as the one meant.";
    ContentInline "mm7/content-inline" [] [S] plain "Text in the Content element, which the schema gives a reference; read as the text of the message.";
    TextStray "mm7/text-stray" [] [] plain "Text between the elements of the operation, or in a place that has no path; dropped.";
    AddressBare "mm7/address-bare" ["S-47" "S-56"] [S K L] quirk "An address as bare text, without its Number element.";
    RecipientElement "mm7/recipient-element" ["L-09"] [L] quirk "The recipient of a report in `Recipients`, which the schema calls `Recipient`.";
    MmStatusNumeric "mm7/mm-status-numeric" ["K-19" "L-10" "S-47"] [S K L] plain "Digits in MMStatus, which the schema gives words; read as the status code.";
    StatusFlat "mm7/status-flat" ["L-11"] [L] quirk "StatusCode and StatusText without the Status element around them.";
    StatusInReport "mm7/status-in-report" ["S-47"] [S] plain "A Status element in a report, which the schema gives MMStatus and StatusText.";
    HrefColonMissing "mm7/href-colon-missing" ["L-03" "S-34"] [S L] quirk "`cid` followed by a blank or by nothing where the colon belongs.";
    HrefBracketed "mm7/href-bracketed" ["S-08" "S-33"] [S] quirk "A content reference in angle brackets.";

    // --- content
    ReferenceScheme "content/reference-scheme" ["S-33"] [S] quirk "A presentation's reference to a part without `cid:`; looked up as if it had it.";
    SmilStructure "content/smil-structure" ["S-37"] [S] plain "SMIL whose elements stand where its language does not have them; references are read in document order.";
    HtmlStructure "content/html-structure" ["K-21"] [K] plain "HTML whose tags do not match; read by scanning.";
    ImageReference "content/image-reference" ["K-22"] [K] plain "An IMG whose SRC names no part; images are paired by their order.";
    MarkupDropped "content/markup-dropped" [] [S K] plain "Markup of a text document that has no place in the message; dropped.";
    DocumentUnreadable "content/document-unreadable" [] [] plain "A presentation or text document in which no element can be found; kept as media.";

    // --- date-time
    DateTimeRfc2822 "datetime/rfc2822" ["S-10"] [S] plain "A date in the form of RFC 2822 where the schema has xs:dateTime.";
    DateTimeSpacing "datetime/spacing" ["S-10"] [S] quirk "Blanks missing or doubled inside a date.";
    DateTimeWeekday "datetime/weekday-mismatch" ["S-10"] [S] quirk "A weekday that is not that of the date; ignored.";
    DateTimeTwelveHour "datetime/twelve-hour" ["S-11"] [S] plain "An hour that may be of a 12-hour clock without its half of the day; read as it stands.";
    DateTimeKoreanNames "datetime/korean-names" ["S-12"] [S] quirk "Korean names of weekday and month.";
    DateTimeCompact "datetime/compact" ["S-13" "L-08"] [S K L] plain "Fourteen digits without separators.";
    DateTimeDayFirst "datetime/day-first" ["K-16" "L-08"] [K L] plain "Day, month, year with hyphens.";
    DateTimeOneDigit "datetime/one-digit" ["L-08"] [L] quirk "A month, day or hour of one digit in a form of two.";
    DateTimeOffsetForm "datetime/offset-form" [] [] plain "An offset without its colon in a form that has one, or the reverse.";
    ExpiryFar "datetime/expiry-far" ["S-14"] [S] plain "An expiry more than ten years behind the time of the message; read as it stands.";
    DateTimeZoneMissing "datetime/zone-missing" ["K-16" "L-08" "S-13"] [S K L] plain "No offset; read as +09:00.";
}

/// The code, as in `decode`'s output: `mime/content-id-doubled`.
impl fmt::Display for DeviationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl DeviationKind {
    /// The kind with this code.
    ///
    /// ```
    /// use tongsa::DeviationKind;
    /// assert_eq!(DeviationKind::from_code("mime/content-id-doubled"), Some(DeviationKind::ContentIdDoubled));
    /// assert_eq!(DeviationKind::from_code("no/such"), None);
    /// ```
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.code() == code)
    }
}

/// Names something that is no quirk: no deviation has this code, or it cannot be written on purpose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a quirk: {0}")]
pub struct UnknownQuirk(pub alloc::string::String);

/// A set of quirks: deviations to write on purpose, or that were written.
///
/// ```
/// use tongsa::{DeviationKind, QuirkSet};
/// let quirks = QuirkSet::from_codes("xml/end-tag-blank,mime/blank-line-missing")?;
/// assert!(quirks.contains(DeviationKind::EndTagBlank));
/// assert_eq!(quirks.iter().count(), 2);
/// assert!(QuirkSet::from_codes("charset/undecodable").is_err(), "damage is recognised, never written");
/// # Ok::<(), tongsa::UnknownQuirk>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct QuirkSet(u128);

const _: () = assert!(DeviationKind::ALL.len() <= 128, "QuirkSet holds one bit a kind");

impl QuirkSet {
    /// No quirk.
    pub const EMPTY: Self = Self(0);

    /// Of these kinds, which are quirks.
    pub(crate) const fn of(kinds: &[DeviationKind]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < kinds.len() {
            assert!(kinds[at].is_quirk(), "no quirk");
            set |= 1 << kinds[at] as u8;
            at += 1;
        }
        Self(set)
    }

    /// What both have.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Every quirk there is.
    pub fn all() -> Self {
        DeviationKind::ALL.iter().copied().filter(|kind| kind.is_quirk()).collect()
    }

    /// The quirks with these codes, separated by commas; blanks and empty items are skipped.
    ///
    /// # Errors
    /// When an item is the code of no deviation, or of one that cannot be written on purpose.
    pub fn from_codes(codes: &str) -> Result<Self, UnknownQuirk> {
        let mut set = Self::EMPTY;
        for code in codes.split(',').map(str::trim).filter(|code| !code.is_empty()) {
            match DeviationKind::from_code(code) {
                Some(kind) if kind.is_quirk() => set.insert(kind),
                _ => return Err(UnknownQuirk(code.into())),
            }
        }
        Ok(set)
    }

    /// Adds a kind; one that is no quirk is left out.
    pub fn insert(&mut self, kind: DeviationKind) {
        if kind.is_quirk() {
            self.0 |= 1 << kind as u8;
        }
    }

    fn remove(&mut self, kind: DeviationKind) {
        self.0 &= !(1 << kind as u8);
    }

    /// Whether the kind is in the set.
    pub const fn contains(self, kind: DeviationKind) -> bool {
        self.0 >> kind as u8 & 1 == 1
    }

    /// Whether there is none in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds in the set, in the order of [`DeviationKind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = DeviationKind> {
        DeviationKind::ALL.iter().copied().filter(move |&kind| self.contains(kind))
    }
}

impl FromIterator<DeviationKind> for QuirkSet {
    fn from_iter<I: IntoIterator<Item = DeviationKind>>(kinds: I) -> Self {
        let mut set = Self::EMPTY;
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

impl fmt::Debug for QuirkSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(DeviationKind::code)).finish()
    }
}

/// A quirk that a dialect writes of itself, and the names it writes it at: elements, header fields, or none for
/// wherever there is occasion.
pub(crate) type Prescribed = (DeviationKind, &'static [&'static str]);

/// The quirks a writer was asked for, those it found occasion to write, and those its dialect writes anyway.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quirks {
    pub(crate) wanted: QuirkSet,
    pub(crate) written: QuirkSet,
    prescribed: &'static [Prescribed],
    /// The kinds in `prescribed`, by which most questions are answered.
    prescribed_kinds: QuirkSet,
}

impl Quirks {
    /// The quirks asked for; one that the dialect prescribes is no news, and so is not recorded.
    pub(crate) fn new(asked: QuirkSet, prescribed: &'static [Prescribed]) -> Self {
        let prescribed_kinds = prescribed.iter().map(|(kind, _)| *kind).collect();
        let mut wanted = asked;
        prescribed.iter().for_each(|(kind, _)| wanted.remove(*kind));
        Self { wanted, written: QuirkSet::EMPTY, prescribed, prescribed_kinds }
    }

    /// Whether one of these is to be written where there is occasion.
    pub(crate) const fn any_of(&self, kinds: QuirkSet) -> bool {
        (self.wanted.0 | self.prescribed_kinds.0) & kinds.0 != 0
    }

    /// Whether to write this quirk here, because it was asked for; records it. Call it only where the quirk changes
    /// nothing.
    pub(crate) fn take(&mut self, kind: DeviationKind) -> bool {
        let wanted = self.wanted.contains(kind);
        if wanted {
            self.written.insert(kind);
        }
        wanted
    }

    /// Whether the dialect writes this quirk at what has this name. Call it only where the quirk changes nothing.
    pub(crate) fn prescribes(&self, kind: DeviationKind, name: &str) -> bool {
        let at = || {
            self.prescribed.iter().any(|(known, names)| *known == kind && (names.is_empty() || names.contains(&name)))
        };
        self.prescribed_kinds.contains(kind) && at()
    }

    /// Either of both.
    pub(crate) fn take_at(&mut self, kind: DeviationKind, name: &str) -> bool {
        self.prescribes(kind, name) || self.take(kind)
    }
}

/// A deviation as a syntax layer sees it: the kind, and the byte within what that layer was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Flag {
    pub(crate) kind: DeviationKind,
    pub(crate) offset: usize,
}

impl Flag {
    pub(crate) const fn new(kind: DeviationKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// What a layer noticed, in the order it noticed it.
///
/// Hostile input can hold a deviation a byte, so the list is bounded: past the bound nothing is kept but the place
/// of the first flag that found no room, and decoding ends there with an error.
#[derive(Clone, Debug)]
pub(crate) struct Flags {
    /// The first, which is as many as most layers notice.
    few: [Flag; Self::FEW],
    /// How many of these there are.
    count: usize,
    more: Vec<Flag>,
    overflow: Option<usize>,
}

impl Default for Flags {
    fn default() -> Self {
        let none = Flag::new(DeviationKind::ALL[0], 0);
        Self { few: [none; Self::FEW], count: 0, more: Vec::new(), overflow: None }
    }
}

impl Flags {
    /// More than any message on record has, by a factor of forty.
    pub(crate) const MAX: usize = 4096;
    /// As many as a layer notices in an ordinary message.
    const FEW: usize = 8;

    pub(crate) fn push(&mut self, kind: DeviationKind, offset: usize) {
        let flag = Flag::new(kind, offset);
        if let Some(place) = self.few.get_mut(self.count) {
            *place = flag;
            self.count += 1;
        } else if Self::FEW + self.more.len() < Self::MAX {
            self.more.push(flag);
        } else if self.overflow.is_none() {
            self.overflow = Some(offset);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Flag> + '_ {
        self.few.iter().take(self.count).chain(&self.more).copied()
    }

    /// Where the first flag stood that found no room.
    pub(crate) fn overflow(&self) -> Option<usize> {
        self.overflow
    }
}
