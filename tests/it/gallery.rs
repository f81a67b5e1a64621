//! The pictures of the gallery are what its commands draw.

use std::fs;
use std::path::Path;

use crate::cli::drawdown;

/// A command of the gallery and the pictures below it.
struct Entry {
    command: Vec<String>,
    pictures: Vec<String>,
}

fn entries() -> Vec<Entry> {
    let text = fs::read_to_string("examples/gallery.md").expect("the gallery");
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("drawdown ") {
            entries.push(Entry {
                command: command.split(' ').map(str::to_owned).collect(),
                pictures: Vec::new(),
            });
        }
        if let Some((_, path)) = line.split_once("](gallery/") {
            let entry = entries.last_mut().expect("a command before its picture");
            entry.pictures.push(path.trim_end_matches(')').to_owned());
        }
    }
    entries
}

#[test]
fn every_picture_is_what_its_command_draws() {
    let entries = entries();
    let pictures: usize = entries.iter().map(|entry| entry.pictures.len()).sum();
    let kept = fs::read_dir("examples/gallery")
        .expect("the pictures")
        .count();
    assert_eq!(
        pictures, kept,
        "a picture without a command, or a command without its picture"
    );
    for entry in entries {
        let folder = tempfile::tempdir().expect("a folder");
        let out = folder.path().to_string_lossy().into_owned();
        let args = entry.command.iter().map(|word| match word.as_str() {
            "FOLDER" => out.as_str(),
            word => word,
        });
        let (code, _, stderr) = drawdown(&args.collect::<Vec<_>>());
        assert_eq!(code, Some(0), "{:?}: {stderr}", entry.command);
        for picture in entry.pictures {
            // Two sweeps of one pool would have one name.
            let drawn = match picture.as_str() {
                "target-and-outage.svg" => "sweep-westus2-ubuntu.svg",
                picture => picture,
            };
            let drawn = fs::read_to_string(folder.path().join(drawn)).expect("a picture");
            let kept = Path::new("examples/gallery").join(&picture);
            if std::env::var_os("UPDATE_GOLDEN").is_some() {
                fs::write(kept, drawn).expect("a picture");
            } else {
                let kept = fs::read_to_string(kept).expect("a picture");
                assert!(
                    kept == drawn,
                    "{picture} is not what {:?} draws",
                    entry.command
                );
            }
        }
    }
}

#[test]
fn the_readme_shows_pictures_of_the_gallery() {
    let readme = fs::read_to_string("README.md").expect("the README");
    let shown = readme.matches("](examples/gallery/").count();
    assert!(1 <= shown, "{shown} pictures");
    for part in readme.split("](examples/gallery/").skip(1) {
        let picture = part.split(')').next().unwrap_or_default();
        assert!(
            Path::new("examples/gallery").join(picture).is_file(),
            "{picture}"
        );
    }
}
