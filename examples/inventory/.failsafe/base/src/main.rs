//! Starts the service.

use std::error::Error;
use std::process::ExitCode;

use inventory::{App, service, settings::Settings};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_env()?;
    let app = App::new(&settings);
    service(app, &settings)?.serve(settings.address()).await?;
    Ok(())
}
