//! The fields of a message by name: what the tables point at, and what the paths of losses and violations mean.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::address::Address;
use super::content::{Media, PartFields};
use super::extension::Extension;
use super::presentation::{HtmlFrame, Run};
use super::text::{Code, Flag, TextLike};
use super::{FaultDetail, ReplyCharging};
use crate::datetime::Timestamp;

macro_rules! slots {
    ($($slot:ident $path:literal,)*) => {
        /// A field of the canonical message that a carrier's table can carry.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub(crate) enum Slot { $($slot,)* }

        impl Slot {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$slot),*];

            /// The keys of the canonical JSON, joined by dots.
            pub(crate) const fn path(self) -> &'static str {
                match self { $(Self::$slot => $path),* }
            }
        }
    };
}

slots! {
    TransactionId "transaction_id",
    Mm7Version "mm7_version",
    ServiceType "service_type",
    RelayServerId "relay_server_id",
    VaspId "sender.vasp_id",
    VasId "sender.vas_id",
    CpId "sender.cp_id",
    RelayId "sender.relay_id",
    OriginCode "sender.origin_code",
    Billing "sender.billing",
    Callback "sender.callback",
    Alias "sender.alias",
    To "recipients.to",
    Cc "recipients.cc",
    Bcc "recipients.bcc",
    Recipient "recipient",
    From "from",
    MessageId "message_id",
    CancelId "cancel_id",
    ReplaceId "replace_id",
    ServiceCode "service_code",
    LinkedId "linked_id",
    MessageClass "message_class",
    Timestamp "timestamp",
    ReplyCharging "reply_charging",
    ReplyChargingId "reply_charging_id",
    EarliestDelivery "earliest_delivery",
    Expiry "expiry",
    DeliveryReport "delivery_report",
    ReadReply "read_reply",
    Priority "priority",
    Subject "subject",
    ChargedParty "charged_party",
    Distribution "distribution",
    DeliveryCondition "delivery_condition",
    Adaptations "adaptations",
    CalledNet "called_net",
    MmStatus "mm_status",
    StatusCode "status.code",
    StatusText "status.text",
    StatusDetails "status.details",
    FaultCode "fault_code",
    FaultString "fault_string",
    FaultActor "fault_actor",
    FaultDetail "detail",
    Echo "echo",
    ContentText "content.text",
    ContentMedia "content.media",
    ContentHref "content.href",
    ContentFeeCode "content.fee_code",
    ContentFields "content.fields",
    Scene "content.presentation.scene",
    SceneId "content.presentation.scene_id",
    SceneName "content.presentation.scene_name",
    SceneFields "content.presentation.scene_fields",
    TextId "content.presentation.text_id",
    TextName "content.presentation.text_name",
    Background "content.presentation.background",
    Runs "content.presentation.runs",
    HtmlFrame "content.presentation.frame",
}

/// A set of slots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SlotSet(u64);

const _: () = assert!(Slot::ALL.len() <= 64, "SlotSet holds one bit a slot");

impl SlotSet {
    pub(crate) fn insert(&mut self, slot: Slot) {
        self.0 |= 1 << slot as u8;
    }

    pub(crate) fn remove(&mut self, slot: Slot) {
        self.0 &= !(1 << slot as u8);
    }

    pub(crate) const fn contains(self, slot: Slot) -> bool {
        self.0 >> slot as u8 & 1 == 1
    }

    /// The set of these.
    pub(crate) const fn of(slots: &[Slot]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < slots.len() {
            set |= 1 << slots[at] as u8;
            at += 1;
        }
        Self(set)
    }

    /// What either has.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether they have a slot in common.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What the other does not have.
    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The slots in the set, in the order of [`Slot::ALL`].
    pub(crate) fn iter(self) -> impl Iterator<Item = Slot> {
        let rest = core::iter::successors(Some(self.0), |rest| Some(rest & rest.wrapping_sub(1)));
        rest.take_while(|rest| *rest != 0).filter_map(|rest| Slot::ALL.get(rest.trailing_zeros() as usize).copied())
    }
}

/// The value of a field, wherever it stood: before and after a loss.
///
/// Serializes as the field does in the canonical JSON. `Debug` redacts text and media.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(untagged))]
#[non_exhaustive]
pub enum Value {
    /// A scalar or the text of the message.
    Text(String),
    /// A boolean.
    Flag(Flag),
    /// A time or duration.
    Timestamp(Timestamp),
    /// A status code.
    Code(Code),
    /// One address.
    Address(Address),
    /// The addresses of `To`, `Cc` or `Bcc`.
    Addresses(Vec<Address>),
    /// Reply charging.
    ReplyCharging(ReplyCharging),
    /// The conditions of delivery.
    Numbers(Vec<u32>),
    /// Which error a fault carries.
    FaultDetail(FaultDetail),
    /// One part of media.
    Media(Media),
    /// All media.
    MediaList(Vec<Media>),
    /// Vendor header fields of a part.
    Fields(PartFields),
    /// Colours and icons of a text.
    Runs(Vec<Run>),
    /// The HTML around a text.
    HtmlFrame(HtmlFrame),
    /// One extension.
    Extension(Extension),
    /// All extensions.
    Extensions(Vec<Extension>),
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => super::text::redacted(text, f),
            Self::Flag(value) => fmt::Debug::fmt(value, f),
            Self::Timestamp(value) => fmt::Debug::fmt(value, f),
            Self::Code(value) => fmt::Debug::fmt(value, f),
            Self::Address(value) => fmt::Debug::fmt(value, f),
            Self::Addresses(value) => fmt::Debug::fmt(value, f),
            Self::ReplyCharging(value) => fmt::Debug::fmt(value, f),
            Self::Numbers(value) => fmt::Debug::fmt(value, f),
            Self::FaultDetail(value) => fmt::Debug::fmt(value, f),
            Self::Media(value) => fmt::Debug::fmt(value, f),
            Self::MediaList(value) => fmt::Debug::fmt(value, f),
            Self::Fields(value) => fmt::Debug::fmt(value, f),
            Self::Runs(value) => fmt::Debug::fmt(value, f),
            Self::HtmlFrame(value) => fmt::Debug::fmt(value, f),
            Self::Extension(value) => fmt::Debug::fmt(value, f),
            Self::Extensions(value) => fmt::Debug::fmt(value, f),
        }
    }
}

/// A field's value, borrowed.
#[derive(Clone, Copy)]
pub(crate) enum FieldRef<'a> {
    Text(&'a str),
    Flag(&'a Flag),
    Timestamp(&'a Timestamp),
    Code(&'a Code),
    Address(&'a Address),
    Addresses(&'a [Address]),
    ReplyCharging(&'a ReplyCharging),
    Numbers(&'a [u32]),
    FaultDetail(FaultDetail),
    Media(&'a [Media]),
    Fields(&'a PartFields),
    Runs(&'a [Run]),
    HtmlFrame(&'a HtmlFrame),
}

impl FieldRef<'_> {
    pub(crate) fn to_value(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.into()),
            Self::Flag(value) => Value::Flag(value.clone()),
            Self::Timestamp(value) => Value::Timestamp(value.clone()),
            Self::Code(value) => Value::Code(value.clone()),
            Self::Address(value) => Value::Address(value.clone()),
            Self::Addresses(value) => Value::Addresses(value.into()),
            Self::ReplyCharging(value) => Value::ReplyCharging(value.clone()),
            Self::Numbers(value) => Value::Numbers(value.into()),
            Self::FaultDetail(value) => Value::FaultDetail(value),
            Self::Media(value) => Value::MediaList(value.into()),
            Self::Fields(value) => Value::Fields(value.clone()),
            Self::Runs(value) => Value::Runs(value.into()),
            Self::HtmlFrame(value) => Value::HtmlFrame(value.clone()),
        }
    }
}

/// The fields of a message that hold something, each at its slot.
#[derive(Clone, Copy)]
pub(crate) struct FieldRefs<'m> {
    present: SlotSet,
    values: [Option<FieldRef<'m>>; Slot::ALL.len()],
}

impl<'m> FieldRefs<'m> {
    pub(crate) const NONE: Self = Self { present: SlotSet::of(&[]), values: [None; Slot::ALL.len()] };

    #[inline]
    pub(crate) fn put(&mut self, slot: Slot, value: FieldRef<'m>) {
        self.present.insert(slot);
        self.values[slot as usize] = Some(value);
    }

    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<FieldRef<'m>> {
        self.values[slot as usize]
    }

    /// Which slots they are.
    pub(crate) const fn present(&self) -> SlotSet {
        self.present
    }
}

/// Whether a field holds nothing, and so stands neither on the wire nor in JSON.
pub(crate) trait Absent: Sized {
    /// One that holds nothing: a constant, for to put many small pieces together costs more than to copy the whole.
    const ABSENT: Self;

    fn is_absent(&self) -> bool;
}

impl<T> Absent for Option<T> {
    const ABSENT: Self = None;

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> Absent for Vec<T> {
    const ABSENT: Self = Self::new();

    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

/// A field as the tables see it.
pub(crate) trait Field {
    /// The value; `None` where it is absent.
    fn get(&self) -> Option<FieldRef<'_>>;
    /// Puts a value in its place; one of another type is refused.
    fn set(&mut self, value: Value) -> bool;
    /// Puts a text of the wire in its place; a field of another type refuses it.
    fn set_text(&mut self, _text: &str) -> bool {
        false
    }
    /// Leaves it absent.
    fn clear(&mut self);
    /// The same, and gives what was there.
    fn take(&mut self) -> Option<Value> {
        let value = self.get()?.to_value();
        self.clear();
        Some(value)
    }
    /// The list, where it is one of addresses: to add to it without a copy.
    fn addresses(&mut self) -> Option<&mut Vec<Address>> {
        None
    }
}

impl<T: TextLike> Field for Option<T> {
    fn get(&self) -> Option<FieldRef<'_>> {
        self.as_ref().map(|text| FieldRef::Text(text.as_str()))
    }

    fn set(&mut self, value: Value) -> bool {
        let Value::Text(text) = value else { return false };
        self.set_text(&text)
    }

    fn set_text(&mut self, text: &str) -> bool {
        *self = T::from_wire(text);
        self.is_some()
    }

    fn clear(&mut self) {
        *self = None;
    }
}

macro_rules! field {
    ($($ty:ty, $value:ident, $as_ref:expr $(, { $($extra:tt)* })?;)*) => { $(
        impl Field for $ty {
            $($($extra)*)?

            fn get(&self) -> Option<FieldRef<'_>> {
                let as_ref: fn(&$ty) -> Option<FieldRef<'_>> = $as_ref;
                as_ref(self)
            }

            fn set(&mut self, value: Value) -> bool {
                let Value::$value(value) = value else { return false };
                *self = value.into();
                true
            }

            fn clear(&mut self) {
                *self = Default::default();
            }
        }
    )* };
}

field! {
    Option<Flag>, Flag, |field| field.as_ref().map(FieldRef::Flag);
    Option<Timestamp>, Timestamp, |field| field.as_ref().map(FieldRef::Timestamp);
    Option<Code>, Code, |field| field.as_ref().map(FieldRef::Code);
    Option<Address>, Address, |field| field.as_ref().map(FieldRef::Address);
    Option<ReplyCharging>, ReplyCharging, |field| field.as_ref().map(FieldRef::ReplyCharging);
    Option<FaultDetail>, FaultDetail, |field| field.map(FieldRef::FaultDetail);
    Vec<Address>, Addresses, |field| (!field.is_empty()).then_some(FieldRef::Addresses(field)), {
        fn addresses(&mut self) -> Option<&mut Vec<Address>> {
            Some(self)
        }
    };
    Vec<u32>, Numbers, |field| (!field.is_empty()).then_some(FieldRef::Numbers(field));
    Vec<Media>, MediaList, |field| (!field.is_empty()).then_some(FieldRef::Media(field));
    PartFields, Fields, |field| (!field.is_empty()).then_some(FieldRef::Fields(field)), {
        fn take(&mut self) -> Option<Value> {
            (!self.is_empty()).then(|| Value::Fields(core::mem::take(self)))
        }
    };
    Vec<Run>, Runs, |field| (!field.is_empty()).then_some(FieldRef::Runs(field));
    Option<HtmlFrame>, HtmlFrame, |field| field.as_ref().map(FieldRef::HtmlFrame);
}

/// A struct whose fields the tables reach by slot.
pub(crate) trait Record {
    /// Puts there what holds something.
    fn gather<'m>(&'m self, fields: &mut FieldRefs<'m>);
    fn field(&self, slot: Slot) -> Option<&dyn Field>;
    fn field_mut(&mut self, slot: Slot) -> Option<&mut dyn Field>;
}

/// Declares a struct of the message once: its fields, their JSON, and the slots that reach them. `=> Slot` names a
/// field's slot, `=> (..)` a field that is a record itself, `=> _` one that no table reaches.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident { $($(#[$fmeta:meta])* $field:ident: $ty:ty => $slot:tt,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "serde", serde(deny_unknown_fields, default))]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$fmeta])*
                #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Absent::is_absent"))]
                pub $field: $ty,
            )*
        }

        record!(@eq $name $($field)*);

        impl Default for $name {
            fn default() -> Self {
                Self::ABSENT
            }
        }

        impl Absent for $name {
            const ABSENT: Self = Self { $($field: <$ty as Absent>::ABSENT,)* };

            fn is_absent(&self) -> bool {
                $(self.$field.is_absent())&&*
            }
        }

        impl Record for $name {
            fn gather<'m>(&'m self, fields: &mut FieldRefs<'m>) {
                $(record!(@gather self fields $field $slot);)*
            }

            fn field(&self, slot: Slot) -> Option<&dyn Field> {
                $(record!(@get self slot $field $slot);)*
                None
            }

            fn field_mut(&mut self, slot: Slot) -> Option<&mut dyn Field> {
                $(record!(@get_mut self slot $field $slot);)*
                None
            }
        }
    };
    // It has one of its own, where it stands.
    (@eq Fault $($field:ident)*) => {};
    (@eq $name:ident $($field:ident)*) => {
        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }

        impl Eq for $name {}
    };
    (@gather $self:ident $fields:ident $field:ident _) => {};
    (@gather $self:ident $fields:ident $field:ident (..)) => {
        $self.$field.gather($fields);
    };
    (@gather $self:ident $fields:ident $field:ident $slot:ident) => {
        if let Some(value) = Field::get(&$self.$field) {
            $fields.put(Slot::$slot, value);
        }
    };
    (@get $self:ident $want:ident $field:ident _) => {};
    (@get $self:ident $want:ident $field:ident (..)) => {
        if let Some(field) = $self.$field.field($want) {
            return Some(field);
        }
    };
    (@get $self:ident $want:ident $field:ident $slot:ident) => {
        if $want == Slot::$slot {
            return Some(&$self.$field);
        }
    };
    (@get_mut $self:ident $want:ident $field:ident _) => {};
    (@get_mut $self:ident $want:ident $field:ident (..)) => {
        if let Some(field) = $self.$field.field_mut($want) {
            return Some(field);
        }
    };
    (@get_mut $self:ident $want:ident $field:ident $slot:ident) => {
        if $want == Slot::$slot {
            return Some(&mut $self.$field);
        }
    };
}
pub(crate) use record;
