//! quick-xml's pull parser, by hand: one pass over the SOAP part into a struct of strings.

use encoding_rs::EUC_KR;
use quick_xml::events::Event;
use quick_xml::reader::Reader;
use quick_xml::{XmlVersion, escape};

use super::Refused;

/// A struct of strings, one an element.
pub trait Plain: Default {
    /// Where the text of an element or attribute goes.
    fn place(&mut self, name: &str) -> Option<&mut String>;
}

macro_rules! plain {
    ($(#[$meta:meta])* $name:ident { $($field:ident: $($element:literal)|+,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        #[allow(missing_docs, reason = "each is the text of the element in its row")]
        pub struct $name { $(pub $field: String,)* }

        impl Plain for $name {
            #[inline]
            fn place(&mut self, name: &str) -> Option<&mut String> {
                match name {
                    $($($element)|+ => Some(&mut self.$field),)*
                    _ => None,
                }
            }
        }
    };
}

plain! {
    /// S's SubmitReq.
    Submit {
        transaction_id: "TransactionID",
        version: "MM7Version",
        vasp_id: "VASPID",
        vas_id: "VASID",
        cp_id: "X-SKT-BPID",
        relay_id: "X-SKT-RELAY-BPID",
        callback: "SenderAddress",
        origin_code: "X-SKT-ORIG-BPID",
        recipient: "To",
        class: "MessageClass",
        timestamp: "TimeStamp",
        expiry: "ExpiryDate",
        delivery_report: "DeliveryReport",
        read_reply: "ReadReply",
        priority: "Priority",
        distribution: "DistributionIndicator",
        alias: "X-SKT-Alias",
        subject: "Subject",
        adaptations: "allowAdaptations",
        href: "href",
    }
}

plain! {
    /// A SubmitRsp of any of the three.
    Answer {
        transaction_id: "TransactionID",
        version: "MM7Version",
        message_id: "MessageID",
        code: "StatusCode",
        text: "StatusText",
    }
}

plain! {
    /// A DeliveryReportReq of any of the three: S has the time in CalledNet, and a number without an element of its own.
    Report {
        transaction_id: "TransactionID",
        version: "MM7Version",
        relay_server_id: "MMSRelayServerID",
        message_id: "MessageID",
        recipient: "Recipient" | "Recipients",
        from: "Sender",
        timestamp: "TimeStamp" | "CalledNet",
        mm_status: "MMStatus",
        text: "StatusText",
    }
}

/// An envelope in EUC-KR.
pub fn read<T: Plain>(xml: &[u8]) -> Result<T, Refused> {
    let (text, malformed) = EUC_KR.decode_without_bom_handling(xml);
    if malformed { Err("not EUC-KR".into()) } else { read_text(&text) }
}

/// An envelope as text.
pub fn read_text<T: Plain>(xml: &str) -> Result<T, Refused> {
    let mut reader = Reader::from_str(xml);
    let mut plain = T::default();
    let mut place: Option<&mut String> = None;
    loop {
        match reader.read_event()? {
            Event::Start(start) => {
                // The number of an address belongs to the element around it.
                let name = start.local_name();
                if name.as_ref() != "Number" {
                    place = plain.place(name.as_ref());
                }
            }
            Event::Empty(empty) if empty.local_name().as_ref() == "Content" => {
                place = None;
                for attribute in empty.attributes() {
                    let attribute = attribute?;
                    if let Some(place) = plain.place(attribute.key.as_ref()) {
                        place.push_str(&attribute.normalized_value(XmlVersion::Implicit1_0)?);
                    }
                }
            }
            Event::Text(text) => {
                if let Some(place) = &mut place {
                    place.push_str(&text.xml10_content());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(place) = &mut place {
                    if let Some(character) = reference.resolve_char_ref()? {
                        place.push(character);
                    } else {
                        place.push_str(escape::resolve_predefined_entity(&reference).ok_or("an unknown entity")?);
                    }
                }
            }
            Event::End(_) => place = None,
            Event::Eof => return Ok(plain),
            _ => {}
        }
    }
}
