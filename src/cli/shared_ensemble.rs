//! An ensemble that several processes share, in a folder: `--shard`, `--gather` and `--resume`.

use std::borrow::Cow;
use std::path::Path;

use crate::cli::args::EnsembleArgs;
use crate::cli::divided::{Runner, missing, must_be_begun, own, refused, share_done};
use crate::cli::ensemble::command_of;
use crate::cli::shell::Line;
use crate::cli::{Failure, remark, remark_memory, say, words};
use crate::experiment::ensemble::Ensemble;
use crate::experiment::kept::KeptMeasures;
use crate::experiment::pieces::Pieces;
use crate::experiment::replications::Replications;
use crate::kernel::random::Seed;
use crate::output::manifest::{
    self, Manifest, Refusal, finish, is_complete, key, manifest_of, piece_of,
};
use crate::output::pieces::PieceFiles;
use crate::output::study::ensemble::{Asked, document, manifest};
use crate::scenario::vary::template::Template;

/// What is asked, in the words of a manifest.
fn asked(args: &EnsembleArgs, template: &Template, replications: Replications) -> Manifest {
    let count = replications.count.get();
    manifest(&Asked {
        template,
        replications: count,
        precision: args.precision,
        seed: args.source.seed,
        measures: &args.measures,
        pool: args.pool.as_deref(),
        whole: args.whole,
        plain: args.plain,
        keep: args.keep.name(),
        piece: Pieces::new(1, count, args.divided.piece).size,
    })
}

/// The manifest of an ensemble that is finished.
pub(super) fn finished(
    args: &EnsembleArgs,
    template: &Template,
    replications: Replications,
    found: &Ensemble,
) -> Manifest {
    let mut manifest = asked(args, template, replications);
    manifest.insert("replications".to_owned(), found.n.into());
    let spent = found.budget_spent as u64;
    finish(&mut manifest, (found.events, spent, found.digest));
    manifest
}

/// Refuses a folder that holds an ensemble that is not finished.
pub(super) fn refuse_unfinished(out: &Path) -> Result<(), Failure> {
    let there = manifest_of(out)?.filter(|there| !is_complete(there));
    match there.is_some() || PieceFiles::has_any(out) {
        true => {
            let done = "its pieces are there".to_owned();
            Err(refused(out, Refusal::Unfinished { done }))
        }
        false => Ok(()),
    }
}

/// Does what is asked of several processes that share a folder. Gives the ensemble where it is put together.
pub(super) fn found(
    args: &EnsembleArgs,
    (template, kept): (&Template, &KeptMeasures),
    replications: Replications,
    out: &Path,
) -> Result<Option<Ensemble>, Failure> {
    must_be_begun(&args.divided, out)?;
    let scenario = &template.base;
    let manifest = asked(args, template, replications);
    let piece = args.divided.piece.map(Into::into);
    let there = manifest::join(out, manifest, piece).map_err(|refusal| refused(out, refusal))?;
    if is_complete(&there) {
        complete(args, &there, out)?;
        return Ok(None);
    }
    let runner = Runner {
        pieces: Pieces::new(1, replications.count.get(), piece_of(&there)),
        files: PieceFiles::new(out, key(&there)),
        scenario: &|_| Cow::Borrowed(scenario),
        kept,
        seed: Seed(args.source.seed),
        threads: args.many.threads.number,
    };
    let pieces = runner.pieces;
    let all: Vec<usize> = (0..pieces.count())
        .filter(|it| own(&args.divided, *it))
        .collect();
    let todo: Vec<usize> = all.iter().copied().filter(|it| !runner.has(*it)).collect();
    if !args.divided.gather {
        let done = runner.run(&todo)?;
        if done < todo.len() {
            let kept = all.len() - todo.len() + done;
            return Err(interrupted(args, out, (kept, all.len())));
        }
    }
    if let Some(shard) = args.divided.shard {
        share_done(shard, (todo.len(), all.len()));
        return Ok(None);
    }
    remark_memory(scenario, kept, (1, replications.count.get()));
    let mut found = Ensemble::keeping(scenario, kept);
    let mut lacking = Vec::new();
    for piece in 0..pieces.count() {
        let read = runner.files.read((0, pieces.of(piece).1.start));
        let there = match read {
            Some(read) if lacking.is_empty() => found.add_piece(read),
            read => read.is_some(),
        };
        if !there {
            lacking.push(piece);
        }
    }
    if lacking.is_empty() {
        return Ok(Some(found));
    }
    // Another process may have been faster, and has then taken the pieces away.
    match manifest_of(out)?.filter(is_complete) {
        Some(there) => complete(args, &there, out).map(|()| None),
        None => Err(missing(out, &lacking, pieces.count())),
    }
}

/// Says that the ensemble in a folder is finished.
fn complete(args: &EnsembleArgs, there: &Manifest, out: &Path) -> Result<(), Failure> {
    // A straggler may have written a piece since.
    PieceFiles::new(out, key(there)).remove(0);
    remark(&format!("{}: complete; nothing was run", out.display()));
    if args.print.json && args.divided.shard.is_none() {
        say(&document(out)?)?;
    }
    Ok(())
}

/// What is said where a process is interrupted.
fn interrupted(args: &EnsembleArgs, out: &Path, (done, of): (usize, usize)) -> Failure {
    let line = Line::new("ensemble")
        .switch("resume")
        .flag("out", out.display());
    let n = args.many.replications().count.get();
    let command = command_of(line, args, None, n);
    Failure::Message(format!(
        "interrupted: {done} of {} are done and kept in {}; go on with: {command}",
        words::counted(of, "piece"),
        out.display()
    ))
}
