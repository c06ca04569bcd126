"""What every room needs: errors, files that appear whole, plug-ins by name, worker processes, times as text."""
