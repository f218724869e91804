//! Hostile input beside ordinary: what a byte of it costs each carrier's codec, within the limits of a service.

use std::hint::black_box;

use tongsa::{Carrier, Config, DialectId, Tolerance};
use tongsa_benches::rounds::Contender;
use tongsa_benches::samples::{Kind, Sample};

use crate::bench::{Arguments, Bench, Figure, Wanted};
use crate::shapes::shapes;

/// Bytes of each.
const LEN: usize = 1 << 18;

/// The worst shapes of each carrier.
#[allow(clippy::cast_precision_loss, reason = "lengths of some kilobytes")]
pub fn hostile(bench: &mut Bench, arguments: &Arguments) {
    let rows = [(Carrier::S, DialectId::SLive), (Carrier::K, DialectId::K), (Carrier::L, DialectId::L)];
    let rows = rows.map(|(carrier, dialect)| (carrier, dialect, format!("hostile, {carrier}")));
    let mut contenders = Vec::new();
    for (carrier, dialect, _) in rows.iter().filter(|(.., what)| arguments.want(what)) {
        let config = || Config { tolerance: Tolerance::Lenient, ..Config::default() };
        let ordinary = Sample::new(*dialect, Kind::Submit);
        let codec = carrier.codec(config());
        contenders.push(Contender::new(id(*carrier, "ordinary"), move || codec.decode(black_box(&ordinary.entity))));
        for shape in shapes() {
            let (entity, codec) = (shape.entity(LEN), carrier.codec(config()));
            contenders.push(Contender::new(id(*carrier, shape.name), move || codec.decode(black_box(&entity))));
        }
    }
    if contenders.is_empty() {
        return;
    }
    bench.time_all(contenders, arguments, 1);
    let all = bench.fastest();
    for (carrier, dialect, what) in rows.iter().filter(|(.., what)| arguments.want(what)) {
        let len = Sample::new(*dialect, Kind::Submit).entity.body.len() as f64;
        let mut names: Vec<&str> = shapes().iter().map(|shape| shape.name).collect();
        names.sort_by(|a, b| all[&id(*carrier, b)].total_cmp(&all[&id(*carrier, a)]));
        for (nth, name) in names.iter().take(6).enumerate() {
            let figure = Figure::Ratio(
                vec![(1.0 / LEN as f64, id(*carrier, name))],
                vec![(1.0 / len, id(*carrier, "ordinary"))],
            );
            let wanted = (nth == 0).then_some(Wanted::AtMost(4.0));
            bench.row(&format!("{what}: {name}"), "a byte of a submit", figure, wanted);
        }
    }
}

fn id(carrier: Carrier, name: &str) -> String {
    format!("hostile, {carrier}: {name}")
}
