//! Attributes, quotes and end tags.

use super::*;

#[test]
fn reads_typographic_quotes_in_euc_kr() {
    // A1B0 and A1B1 are double quotes, A1AE and A1AF single ones. B0 A1 B0 A1 holds A1 B0 between
    // two characters.
    let input = b"<a b=\xA1\xB0x\xB0\xA1\xB0\xA1y\xA1\xB1 c=\xA1\xAE1\" \xA1\xAF/>";
    let (tree, flags) = read_in(input, Charset::EucKr);
    assert_eq!(tree.as_deref(), Ok("a{b=x가가y}{c=1\" }"));
    assert_eq!(flags, [(K::QuoteTypographic, 5), (K::QuoteTypographic, 18)]);
}

#[test]
fn reads_a_typographic_closing_quote_only_where_no_well_formed_reading_is_left() {
    // S-35
    reads("<a b=\"c:<8>“ d=\"0\" e=\"1\"/>", "a{b=c:<8>}{d=0}{e=1}", &[(K::QuoteTypographic, 11), (K::AttributeLt, 8)]);
    reads("<a b=\"v“ d=\"\" e=\"1\"/>", "a{b=v}{d=}{e=1}", &[(K::QuoteTypographic, 7)]);
    reads("<a b=\"v“ d=\" 0\" e=\"1\"/>", "a{b=v}{d= 0}{e=1}", &[(K::QuoteTypographic, 7)]);
    reads("<a b=\"v”/>", "a{b=v}", &[(K::QuoteTypographic, 7)]);
    reads("<a><b c=\"v” /><d e=\"f\"/></a>", "a[|b{c=v} d{e=f}]", &[(K::QuoteTypographic, 10)]);
    reads("<a><b c='v’>say \"hi\", it's</b></a>", "a[|b{c=v}[say \"hi\", it's|]]", &[(K::QuoteTypographic, 10)]);
    reads("<a b='v’; c='w'/>", "a{b=v}{c=w}", &[(K::QuoteTypographic, 7), (K::AttributeSeparator, 10)]);
    // A `<` before the typographic quote says nothing against the ASCII one.
    reads("<a b=\"<1“ d=\" e='1'/>", "a{b=<1“ d=}{e=1}", &[(K::AttributeLt, 6)]);
    // What is well-formed stays.
    reads("<a b=\"v“ d=\" e='1'/>", "a{b=v“ d=}{e=1}", &[]);
    reads("<a b=\"“>”\"/>", "a{b=“>”}", &[]);
    reads("<a b=\"“\" c=\"”/>\">“</a>", "a{b=“}{c=”/>}[“|]", &[]);
    reads("<a b=\"he said “x” y=\"/>", "a{b=he said “x” y=}", &[]);
    reads("<a b=\"it’s “so”; and\" c=\"d\"/>", "a{b=it’s “so”; and}{c=d}", &[]);
}

#[test]
fn reads_a_value_without_its_opening_quote() {
    // S-34
    reads("<a><i b=\"1\" c=cid<C2>\" /></a>", "a[|i{b=1}{c=cid<C2>}]", &[(K::QuoteMissing, 14)]);
    reads("<a b=cid<X>>t</a>", "a{b=cid<X>}[t|]", &[(K::QuoteMissing, 5)]);
    reads("<a b=1 c=2>t</a>", "a{b=1}{c=2}[t|]", &[(K::QuoteMissing, 5), (K::QuoteMissing, 9)]);
    reads("<a b=x/>", "a{b=x}", &[(K::QuoteMissing, 5)]);
    reads("<a b=x/y” c='d'/>", "a{b=x/y}{c=d}", &[(K::QuoteMissing, 5)]);
    reads("<a b=\"x>t</a>", "a{b=x}[t|]", &[(K::QuoteMissing, 5)]);
}

#[test]
fn reports_what_is_no_attribute() {
    reads("<a b c=\"1\" =2 ?/>", "a{c=1}", &[(K::AttributeMalformed, 3), (K::AttributeMalformed, 11)]);
    reads("<a b=/>", "a", &[(K::AttributeMalformed, 3)]);
    reads("<a b='1'c='2'/>", "a{b=1}{c=2}", &[(K::AttributeMalformed, 8)]);
    reads("<a b='1' b='2' c='' b='3'/>", "a{b=1}{c=}", &[(K::AttributeDuplicate, 9), (K::AttributeDuplicate, 20)]);
    reads(
        "<a , b='1';;c='2' ; />",
        "a{b=1}{c=2}",
        &[(K::AttributeSeparator, 3), (K::AttributeSeparator, 10), (K::AttributeSeparator, 18)],
    );
    reads("<a <b>t</b></a>", "a[|b[t|]]", &[(K::AttributeMalformed, 3)]);
    reads("<a b='&x; &amp; & c'/>", "a{b=&x; & & c}", &[(K::ReferenceUnknown, 6), (K::MarkupStray, 16)]);
    let many: Vec<_> = (0..40).map(|index| format!(" n{}='{index}'", index % 39)).collect();
    let many = many.concat();
    let (_, flags) = read_in(format!("<a{many}/>").as_bytes(), Charset::Utf8);
    assert_eq!(flags, [(K::AttributeDuplicate, 2 + many.rfind("n0").expect("n0"))]);
}

#[test]
fn reports_odd_end_tags() {
    reads("<a></ a></b>", "a", &[(K::EndTagBlank, 5), (K::TextAfterRoot, 8)]);
    reads("<a><b>x</b y></a>", "a[|b[x|]]", &[(K::EndTagMalformed, 11)]);
    reads("<a><b>x</b<c/></a>", "a[|b[x|] c]", &[(K::EndTagMalformed, 10)]);
    reads("<a></b>x</c></a>", "a[x|]", &[(K::EndTagStray, 3), (K::EndTagStray, 8)]);
    reads("<a><b>x<c>y</a>", "a[|b[x|c[y|]]]", &[(K::ElementUnclosed, 7), (K::ElementUnclosed, 3)]);
    reads("<a><b>x</a> ", "a[|b[x|]]", &[(K::ElementUnclosed, 3)]);
    // L-02
    reads("<a></a >", "a", &[]);
}

#[test]
fn reads_an_end_tag_of_another_name() {
    // K-10
    reads("<e><m:V xmlns:m='u'>x</m:R> <!-- --> </e>", "e[  |m:V[x|]]", &[(K::EndTagMismatch, 21)]);
    // Only where the parent ends.
    reads("<e><v>x</r>y</v></e>", "e[|v[xy|]]", &[(K::EndTagStray, 7)]);
}

#[test]
fn reads_a_repeated_start_tag_as_end_tag() {
    // S-06
    reads("<e><s><c/>\n<s>\n<!-- x --></ e>", "e[\n|s[\n|c]]", &[(K::EndTagRepeatedStart, 11), (K::EndTagBlank, 27)]);
    reads("<e><s><c>x<s></e>", "e[|s[|c[x|]]]", &[(K::EndTagRepeatedStart, 10), (K::ElementUnclosed, 6)]);
    // With an attribute, or with content, or where another end tag follows, it is a start tag.
    reads("<e><s><s a='b'></e>", "e[|s[|s{a=b}]]", &[(K::ElementUnclosed, 6), (K::ElementUnclosed, 3)]);
    reads("<e><s><s>x</s></s></e>", "e[|s[|s[x|]]]", &[]);
    reads("<e><s><s></s></s></e>", "e[|s[|s]]", &[]);
}
