#!/usr/bin/env bash
# Gets CIFAR-10 as the course's notebooks expect it; run it from any folder.
set -e
cd "$(dirname "$0")/../.."
exec "$(command -v python || command -v python3)" -m daseCV.datasets download
