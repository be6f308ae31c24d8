"""NVIDIA: its OpenBMC (GH200, GB200, GB300, NVLink switches), BlueField, and DGX under AMI."""
