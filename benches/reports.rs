//! Criterion's report of every operation: each kind of message in each dialect, decoded, encoded and translated, and the
//! rivals beside them. For ratios that decide something see `ratios`: here contenders run one after another.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput};
use tongsa::DialectId;
use tongsa_benches::rivals;
use tongsa_benches::samples::{Kind, Sample, Step, steps};

fn main() {
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();
    for &dialect in DialectId::ALL {
        for kind in Kind::ALL {
            let sample = Sample::new(dialect, kind);
            report(&mut criterion, &sample, &steps(dialect, kind));
            report(&mut criterion, &sample, &rivals::steps(&sample));
        }
    }
    criterion.final_summary();
}

fn report(criterion: &mut Criterion, sample: &Sample, steps: &[Step]) {
    let mut group = criterion.benchmark_group(sample.name());
    group.throughput(Throughput::Bytes(sample.entity.body.len() as u64));
    for step in steps {
        group.bench_function(&step.name, |bencher| bencher.iter(|| black_box(step).run()));
    }
    group.finish();
}
